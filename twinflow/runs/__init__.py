"""Folders of runs: their files, who works on them, which is current.

It imports `system`.
"""
