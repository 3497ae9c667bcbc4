"""Steps of the flow `compare`."""
