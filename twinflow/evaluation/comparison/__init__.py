"""Every system on one split, and the questions that this answers."""
