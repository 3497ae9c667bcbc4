"""Files of pairs, the pairs in them, their items and folds.

It imports `runs` and what is below it.
"""
