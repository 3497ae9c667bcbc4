"""Every system on one split: what to fit, how the systems compare, and what that says to the one who asks."""
