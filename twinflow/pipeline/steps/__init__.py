"""The steps of a training run, as functions of its folder: each reads, calls the library, and writes."""
