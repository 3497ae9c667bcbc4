"""Who may read what twinflow writes: its user alone, unless the environment says otherwise."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinflow.errors import SettingsError

VARIABLE = "TWINFLOW_UMASK"
PRIVATE = 0o077


def mask() -> int:
    """The permissions that new files and folders don't get, as a umask: `TWINFLOW_UMASK`, or all of others'.

    Raises:
        SettingsError: it is no umask.
    """
    value = os.environ.get(VARIABLE)
    if value is None:
        return PRIVATE
    if not re.fullmatch("0?0[0-7]{2}", value):
        raise SettingsError(f"{VARIABLE}: expected three octal digits that begin with 0, 027 say, found {value!r}")
    return int(value, 8)


@contextmanager
def private_files() -> Iterator[None]:
    """Have `mask` hold for whatever this process and its children write while the block runs.

    Raises:
        SettingsError: as `mask`.
    """
    before = os.umask(mask())
    try:
        yield
    finally:
        os.umask(before)


def make_folder(path: Path) -> None:
    """Make a folder with what leads to it, where it is missing."""
    path.mkdir(0o777 & ~mask(), parents=True, exist_ok=True)
