"""What a model is worth: figures on the test file and on new items, the gate, and systems held against each other.

It imports `training` and what is below it.
"""
