"""Steps of the flow `train`."""
