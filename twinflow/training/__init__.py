"""The fit: trainers, their progress and checkpoints, and fits that processes share.

It imports `calibration` and what is below it.
"""
