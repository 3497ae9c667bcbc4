"""Networks, untrained or at work: layers, losses, heads, and the same in numpy.

It imports `data` and what is below it.
"""
