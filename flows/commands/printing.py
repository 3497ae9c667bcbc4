"""What a command prints, letter for letter: lines, tables, or one JSON document on stdout; what it tells on stderr."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from io import StringIO
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console

from twinflow.system.json_files import json_text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

Outcome = dict[str, Any]

WIDE = 100_000  # columns: in a file or a pipe no cell is broken
BETWEEN = 3  # columns that a table's lines and blanks take between two of its own
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def escaped(text: object) -> str:
    """The text with what controls terminals, or turns the direction of writing, as escapes; lines stay lines."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), str(text))


class PlainConsole(Console):
    """Renders text as it is: to a parser of markup, or of names of emoji, half a path may be a tag."""

    def __init__(self, *, terminal: bool) -> None:
        width = None if terminal or "COLUMNS" in os.environ else WIDE  # None: as that or the terminal says
        super().__init__(
            file=StringIO(),
            force_terminal=terminal,
            width=width,
            soft_wrap=True,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def render_str(self, text: str, **options: Any) -> Text:
        """Text as it is shown."""
        return super().render_str(escaped(text), **options)

    def rendered(self, *parts: RenderableType, style: str | None = None) -> str:
        """What the parts look like, a line each or more."""
        with self.capture() as captured:
            self.print(*parts, sep="\n", style=style)
        return captured.get()


def say(*lines: object) -> None:
    """Print lines on stdout."""
    sys.stdout.write("".join(f"{escaped(line)}\n" for line in lines))


def tell(line: object, style: str | None = None) -> None:
    """Print a line on stderr."""
    sys.stderr.write(PlainConsole(terminal=sys.stderr.isatty()).rendered(str(line), style=style))


def show(outcome: Outcome, table: Callable[[Outcome], Table], *, as_json: bool) -> None:
    """Print a finished run or check on stdout, as a table or as one JSON document."""
    if as_json:
        print_json(outcome)
        return
    print_table(table(outcome))
    say(f"report  {outcome['report']}", f"run     {outcome['run']}")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json_text(document))


def print_table(table: Table) -> None:
    """Print a table on stdout, its title as a line that is never broken: there may be a path in it."""
    if table.title:
        say(table.title)
        table.title = None
    console = PlainConsole(terminal=sys.stdout.isatty())
    sys.stdout.write(console.rendered(table) if _fits(table, console.width) else _stacked(table, console.width))


def _fits(table: Table, width: int) -> bool:
    """Give each column its share of a width, at least that of its longest word; whether there is room for that."""
    texts = [[escaped(text) for text in (column.header, *column.cells)] for column in table.columns]
    words = [max((cell_len(word) for text in cells for word in text.split()), default=0) for cells in texts]
    lines = [max(map(cell_len, cells)) for cells in texts]
    room = width - BETWEEN * len(texts) - 1
    if sum(lines) <= room:
        return True
    if sum(words) > room:
        return False
    more = sum(lines) - sum(words)
    for column, word, line in zip(table.columns, words, lines, strict=True):
        column.width = word + (room - sum(words)) * (line - word) // more
    return True


def _stacked(table: Table, width: int) -> str:
    """A table whose columns would not fit side by side, as a few lines a row: names and values, no word broken."""
    names = [escaped(column.header) for column in table.columns]
    rows = [[escaped(cell) for cell in cells] for cells in zip(*(each.cells for each in table.columns), strict=True)]
    word = max((len(word) for cells in rows for cell in cells for word in cell.split()), default=0)
    behind = max(map(len, names)) + 2
    behind = behind if behind + word <= width else 0  # else the values stand below their names
    blocks = []
    for cells in rows:
        lines = [line for pair in zip(names, cells, strict=True) if pair[1] for line in _named(*pair, behind, width)]
        blocks.append("".join(f"{line}\n" for line in lines))
    return "\n".join(blocks)


def _named(name: str, value: str, behind: int, width: int) -> list[str]:
    """A value at some place behind its name, or below it, in as many lines as it takes; a longer word stays whole."""
    if not name:
        first = indent = ""
    elif behind:
        first, indent = name.ljust(behind), " " * behind
    else:
        first, indent = "  ", "  "
    folded = textwrap.wrap(
        value, width, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [name, *folded] if name and not behind else folded


def print_tables(tables: Iterable[Table], sentences: Iterable[str]) -> None:
    """Print tables and the sentences that sum them up on stdout."""
    for table in tables:
        print_table(table)
    say(*(f"- {sentence}" for sentence in list(sentences) or ["Nothing looked for was found."]))
