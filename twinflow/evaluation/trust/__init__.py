"""Whether one may rely on a model: rules over a run's documents, and the verdict that follows from what they find."""
