"""The bundled sample, its source and its licence."""
