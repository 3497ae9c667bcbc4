"""How the text of a cell is shown in a message."""

import math

SHOWN_CHARACTERS = 40


def quoted(text: str) -> str:
    """The text, quoted where it is no number, and shortened; a number that is written with a comma is said to be."""
    if not text.strip():
        return "an empty cell"
    text = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    if _number(text) is not None:
        return text
    comma = text.count(",") == 1 and math.isfinite(_number(text.replace(",", ".")) or math.nan)
    return repr(text) + (" (a decimal comma)" if comma else "")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
