"""Steps of the flow `batch`."""
