"""Folders of runs: their files, which process works on them, which run is current.

It imports `system`.
"""
