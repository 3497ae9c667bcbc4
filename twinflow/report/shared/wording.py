"""Texts of other documents as people read them, in pages and in Prefect's markdown."""

import re
from datetime import datetime

from twinflow.system.untrusted import unlinked


def clause(text: str) -> str:
    """Text without the period at its end."""
    return text.strip().rstrip(".")


def sentence(text: str) -> str:
    """Text with a capital at its beginning and one period at its end."""
    return f"{text[:1].upper()}{clause(text)[1:]}."


def readable_time(stamp: str) -> str:
    """The time that a folder's name begins with, such as 20260102T030405Z, as in 2 January 2026, 03:04 UTC."""
    return f"{datetime.strptime(stamp, '%Y%m%dT%H%M%SZ'):%-d %B %Y, %H:%M} UTC"


def escaped(text: str) -> str:
    """Text that markdown shows as it is: unlinked, and with a backslash before each character of markup or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", unlinked(text))
