"""Whether another `twinflow up` has a server over the same Prefect home."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from twinflow.system.flock import try_lock

LOCK = "twinflow-up.lock"


@contextmanager
def alone_since(home: Path) -> Iterator[datetime | None]:
    """Since when nobody else serves from this home; None where somebody does. For the time of the block, this one does.

    Whatever was to start before then, its parent is gone. The home is there.
    """
    with (home / LOCK).open("wb") as file:
        now = datetime.now(UTC) if try_lock(file) else None
        fcntl.flock(file, fcntl.LOCK_SH)  # the next one sees that it is not alone
        yield now
