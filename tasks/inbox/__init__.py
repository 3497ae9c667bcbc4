"""Steps of the flow `inbox`."""
