"""A file for one input, and what may come of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from twinflow.errors import InputError

T = TypeVar("T")


@contextmanager
def written(content: bytes, name: str) -> Iterator[Path]:
    """A file of that content, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        yield path


def read_or_refused(path: Path, read: Callable[[], T]) -> T | None:
    """What was read; None where a message named the file, or one beside it, that is refused. Else nothing may come."""
    try:
        return read()
    except InputError as error:
        said = str(error)
    assert said.startswith(str(path.parent)), said
    return None
