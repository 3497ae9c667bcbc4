"""What somebody may have meant by a word that nobody knows."""

from collections.abc import Iterable

LONGEST = 80  # letters; no word that is known is longer, and the search takes the square of it


def meant(word: str, known: Iterable[str]) -> str:
    """The nearest of the known words, to stand behind an unknown one in a message; nothing where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), list(known), 1) if len(word) <= LONGEST else []
    return f" (did you mean {near[0]!r}?)" if near else ""
