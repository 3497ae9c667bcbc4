"""Scores of new pairs by a published model: of arrays, of files, of an inbox.

It imports `evaluation` and what is below it.
"""
