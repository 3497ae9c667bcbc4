"""What the reports share: drawing, colours, templates."""
