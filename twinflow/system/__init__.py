"""The machine beneath: files written whole, locks, stores, imports, memory, versions.

It imports `errors` alone.
"""
