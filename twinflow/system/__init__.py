"""The machine below: files written whole, JSON, locks, stores, slow imports, memory, versions.

It imports `errors` alone.
"""
