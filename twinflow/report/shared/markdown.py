"""Markdown for Prefect's artifacts."""

import re


def escaped(text: str) -> str:
    """Text with a backslash before each character that markdown or HTML would take for markup."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text)
