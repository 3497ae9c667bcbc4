"""Steps of the flow `calibrate`."""
