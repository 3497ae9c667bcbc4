"""A published model at work on new pairs.

It imports `evaluation` and what is below it.
"""
