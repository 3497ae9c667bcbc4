"""A file system, `watched://`, whose reads of whole files leave traces, and fail, wait or kill where a test wants it.

In the folder that is read, `.reads/NAME/` gets a file for each try, with the process in it. A file `.fail/NAME` makes
the next try fail, and is gone then; `.hold/NAME` makes the second try wait for as long as it is there; `.kill/NAME`
ends every process that tries. Workers of Dask load this module beforehand.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem
from fsspec.spec import AbstractFileSystem


class WatchedFiles(AbstractFileSystem):
    protocol = "watched"
    local = LocalFileSystem()

    def ls(self, path: str, detail: bool = True, **_: Any) -> Any:
        return self.local.ls(path, detail=detail)

    def info(self, path: str, **_: Any) -> Any:
        return self.local.info(path)

    def _open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        return Path(path).open(mode)

    def get_file(self, rpath: str, lpath: str, **_: Any) -> None:
        path = Path(rpath)
        reads = path.parent / ".reads" / path.name
        reads.mkdir(parents=True, exist_ok=True)
        number = len(list(reads.iterdir())) + 1
        (reads / str(number)).write_text(str(os.getpid()))
        if (path.parent / ".kill" / path.name).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        if (path.parent / ".fail" / path.name).exists():
            (path.parent / ".fail" / path.name).unlink()
            raise OSError(5, "Input/output error", rpath)
        while number == 2 and (path.parent / ".hold" / path.name).exists():
            time.sleep(0.05)
        shutil.copy(path, lpath)


def reads_of(folder: Path) -> Counter[str]:
    """How often each file was read."""
    return Counter({path.name: len(list(path.iterdir())) for path in (folder / ".reads").iterdir()})


def mark(folder: Path, what: str, name: str) -> Path:
    """Have something happen to the next read of a file."""
    marker = folder / f".{what}" / name
    marker.parent.mkdir(exist_ok=True)
    marker.touch()
    return marker


fsspec.register_implementation("watched", WatchedFiles, clobber=True)
