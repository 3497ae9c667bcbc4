"""The forms that a file of pairs may have, read into frames."""
