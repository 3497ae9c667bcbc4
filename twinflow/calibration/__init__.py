"""From scores to decisions: the threshold that is best for an objective, and probabilities.

It imports `settings` and what is below it.
"""
