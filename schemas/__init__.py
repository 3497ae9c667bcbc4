"""Data contracts: what a pair file and a scores file must look like."""
