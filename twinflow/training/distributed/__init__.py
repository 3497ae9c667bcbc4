"""Fits that several processes or devices share."""
