"""Steps of the flow `monitor`."""
