"""The list of reports in a folder of runs."""
