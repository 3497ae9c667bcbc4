"""Text of other documents as clauses and sentences."""

from __future__ import annotations


def clause(text: str) -> str:
    """Text without the period at its end."""
    return text.strip().rstrip(".")


def sentence(text: str) -> str:
    """Text with a capital at its beginning and one period at its end."""
    return f"{text[:1].upper()}{clause(text)[1:]}."
