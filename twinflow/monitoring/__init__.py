"""New pairs held against those a model was trained on.

It imports `scoring` and what is below it.
"""
