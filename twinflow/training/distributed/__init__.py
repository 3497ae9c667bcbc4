"""Fits that several processes or GPUs share: who takes part, how they meet, and how the rows are divided."""
