"""From scores to decisions: the threshold, what is promised of it, probabilities.

It imports `settings` and what is below it.
"""
