"""What makes figures misleading, looked for in files of pairs."""
