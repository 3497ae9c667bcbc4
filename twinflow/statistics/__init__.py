"""Figures of arrays: threshold curves, objectives and their guarantees, rates, intervals, two-sample tests.

It knows neither files nor pairs, and imports `errors` alone.
"""
