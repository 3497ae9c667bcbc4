"""How far a fit has come, in a file that another process can go on from."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from twinflow.statistics.arrays import Array
from twinflow.system.atomic import atomic

State: TypeAlias = Mapping[str, Array]

SECONDS = 5.0  # between two writes, at least
SHARE = 0.02  # of the time of the fit that writing may take


@runtime_checkable
class Resumable(Protocol):
    """What can be put into arrays, and go on from them in another process as if nothing had happened."""

    def state(self) -> State:
        """All that the next epoch depends on."""

    def restore(self, state: State) -> None:
        """Go back to what `state` gave."""


class Checkpoint:
    """The state of several things after an epoch, in one file that is whole whenever the process is killed.

    Args:
        path: an .npz file.
        mark: of what is fitted; a file with another mark is left aside.
        parts: by name; where one can't be resumed, nothing is written.
    """

    def __init__(self, path: Path, mark: str, parts: Mapping[str, Any]) -> None:
        self.path, self.mark, self.due = path, mark, monotonic() + SECONDS
        found = {name: part for name, part in parts.items() if isinstance(part, Resumable)}
        self.parts: Mapping[str, Resumable] = found if len(found) == len(parts) else {}

    def restore(self) -> None:
        """Let every part go back to what was written last, if there is a file of this fit."""
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                state = dict(arrays) if arrays["mark"] == self.mark else {}
        except (FileNotFoundError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return
        for name, part in self.parts.items() if state else ():
            part.restore(_below(name, state))

    def write_if_due(self) -> None:
        """Write how every part stands, unless that was done a short while ago."""
        start = monotonic()
        if start < self.due or not self.parts:
            return
        state = {f"{name}.{key}": array for name, part in self.parts.items() for key, array in part.state().items()}
        with atomic(self.path) as temporary:
            np.savez(temporary, **{"mark": np.array(self.mark), **state})  # type: ignore[arg-type]
        end = monotonic()
        self.due = end + max(SECONDS, (end - start) / SHARE)


def _below(name: str, state: State) -> State:
    return {key.removeprefix(f"{name}."): array for key, array in state.items() if key.startswith(f"{name}.")}
