"""Figures as sentences, plots and pages.

It imports `monitoring` and what is below it.
"""
