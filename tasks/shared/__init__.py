"""Steps of several flows."""
