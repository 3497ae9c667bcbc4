"""Which settings a file of pairs asks for whose columns are not those expected, as far as its column names say."""

import re
from collections import defaultdict
from collections.abc import Sequence

from twinflow.data.columns import PairColumns

PLACE = re.compile(r"([A-Za-z]\w*?)(0|[1-9]\d{0,6})", re.ASCII)
WORD = re.compile(r"[A-Za-z]\w*", re.ASCII)
YAML_WORDS = {"yes", "no", "on", "off", "true", "false", "null"}  # that YAML takes for something else
LOST = 0.1  # a file that lacks so small a share of the columns, or two, has rather lost them


def settings_for(names: Sequence[str], columns: PairColumns, labelled: bool) -> str:
    """What to set for such a file, as `; --set side_width=384 is for such files`; nothing where that is not clear.

    It is clear where one prefix has the numbers from 0 on without a gap, and they make up whole sides.
    """
    expected = len(columns.vectors)
    prefix, numbers = _vectors_of(names)
    sides = expected // columns.side_width
    if not numbers or not sides or numbers % sides or 0 < expected - numbers <= max(LOST * expected, 2):
        return ""
    vectors = {f"{prefix}{number}" for number in range(numbers)}
    others = [name for name in names if name not in vectors and name not in columns.ids]
    changed = {"prefix": prefix, "side_width": str(numbers // sides)}
    if labelled and columns.label not in names and len(others) == 1 and _is_plain(others[0]):
        changed["label"] = others[0]
    given = [f"--set {key}={value}" for key, value in changed.items() if value != str(getattr(columns, key))]
    return f"; {' '.join(given)} is for such files" if given and _is_plain(prefix) else ""


def _vectors_of(names: Sequence[str]) -> tuple[str, int]:
    """The prefix that most numbers follow, and how many these are; 0 unless they count from 0 on."""
    places: dict[str, set[int]] = defaultdict(set)
    for found in filter(None, map(PLACE.fullmatch, names)):
        places[found[1]].add(int(found[2]))
    prefix = max(places, key=lambda each: len(places[each]), default="")
    numbers = places[prefix]
    return prefix, len(numbers) if numbers == set(range(len(numbers))) else 0


def _is_plain(word: str) -> bool:
    return WORD.fullmatch(word) is not None and word.lower() not in YAML_WORDS
