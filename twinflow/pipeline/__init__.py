"""A training run from its files of pairs to its report, without Prefect: the steps, and what puts them in order."""
