"""A folder of runs that nobody asked to keep."""

import shutil
import tempfile
import weakref
from pathlib import Path


class TemporaryRuns:
    """A folder that is there for as long as this object is, and no longer than the process.

    `path` is the folder.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="twinflow-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
