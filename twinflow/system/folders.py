"""What lies in a folder and below it."""

import os
from collections.abc import Iterator
from pathlib import Path


def is_hidden(name: str) -> bool:
    """Whether a name is one that tools keep for themselves: `.part.crc`, `_SUCCESS`, `_temporary`, `__MACOSX`."""
    return name[:1] in (".", "_")


def below(folder: Path) -> Iterator[str]:
    """The paths, from a folder on, of what is in it and in its subfolders; those of folders end in a slash.

    Links are followed, to each folder once. Hidden folders are named, and not looked into.

    Raises:
        OSError: it is no folder, or it or one below may not be read.
    """
    seen: set[tuple[int, int]] = set()

    def fail(error: OSError) -> None:
        raise error

    for where, folders, names in os.walk(folder, onerror=fail, followlinks=True):
        at = os.stat(where)  # noqa: PTH116 (os.walk's own kind of path)
        if (at.st_dev, at.st_ino) in seen:
            folders.clear()
            continue
        seen.add((at.st_dev, at.st_ino))
        way = Path(where).relative_to(folder)
        yield from (f"{way / name}/" for name in sorted(folders))
        yield from (str(way / name) for name in sorted(names))
        folders[:] = sorted(name for name in folders if not is_hidden(name))
