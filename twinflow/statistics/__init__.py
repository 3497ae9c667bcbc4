"""Figures of arrays: threshold curves, rates, intervals, two-sample tests.

It knows neither files nor pairs, and imports `errors` alone.
"""
