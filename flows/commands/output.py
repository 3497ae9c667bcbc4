"""Where a command writes data: a file, or standard output, which then has nothing but the data."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from flows.commands.streams import Guarded
from twinflow.errors import SettingsError
from twinflow.system.atomic import scratch_folder

STDOUT = "-"


def expect_json_alone(out: str, *, json: bool) -> None:
    """Refuse to print a document between data.

    Raises:
        SettingsError: both would go to standard output.
    """
    if json and out == STDOUT:
        raise SettingsError("--json: expected a file as --out beside it, found standard output, which has the data")


@contextmanager
def written(out: str) -> Iterator[str]:
    """The path to write to; what `-` stands for is a CSV file that goes to standard output once it is whole."""
    if out != STDOUT:
        yield out
        return
    with scratch_folder(Path(tempfile.gettempdir())) as folder:
        path = folder / "out.csv"
        yield str(path)
        with path.open("rb") as source:
            cast(Guarded, sys.stdout).copy(source)
