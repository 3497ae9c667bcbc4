"""Checks of new pairs against those that a model was trained on.

It imports `scoring` and what is below it.
"""
