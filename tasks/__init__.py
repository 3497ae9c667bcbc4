"""The steps of the flows, one module each: read, make one library call, write."""
