"""The folder of a batch, on this machine or in a store: what the batch writes there, and how it is cleared away.

A note lists the partitions, and from these follows every file that the batch writes. It is written before anything else
and removed after everything else: what is listed is the batch's, and where there is a note, the batch is not finished.
Nothing but what is listed is ever removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from twinflow.errors import ArtifactError, InputError, TwinflowError
from twinflow.runs import files
from twinflow.system import storage
from twinflow.system.process import Process, has_ended, this_process

SKETCH, EXAMINED, SCORED = ".npz", ".examined.json", ".scored.json"  # of a partition, in the working folder

Name = Annotated[str, Field(pattern=r"^[^./\x00][^/\x00]*$")]  # of a file in a folder, which leads nowhere else


class Note(BaseModel):
    """What stands in the note.

    Args:
        process: that writes the batch.
        partitions: names of its files of scores.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    process: Process
    partitions: list[Name]


def in_work(out: str, name: str) -> str:
    """The address of a working file."""
    return storage.join(out, files.WORK, name)


def scores_of(out: str, partition: str) -> str:
    """The address of a partition's scores."""
    return storage.join(out, files.BATCH_SCORES, partition)


def take(out: str, partitions: Sequence[str]) -> None:
    """Take a folder that is new or empty, or has what a batch that was killed left, which is removed.

    Args:
        out: address of the folder.
        partitions: names of the files of scores.

    Raises:
        InputError: something else is in it, or a batch is at work there.
    """
    if not storage.is_empty(out):
        _check_abandoned(out)
        give_up(out)
    if not storage.is_empty(out):
        raise InputError(f"{out}: expected a folder that is new or empty, found something in it")
    storage.write_json(_note(out), Note(process=this_process(), partitions=list(partitions)).model_dump(mode="json"))


def give_up(out: str) -> None:
    """Remove all that a batch has written, as its note lists it; the manifest first, the note last."""
    if note := _noted(out):
        storage.remove(storage.join(out, files.MANIFEST))
        storage.remove(*(storage.join(out, name) for name in (files.AUDIT, files.DRIFT)))
        storage.remove(*(file for each in note.partitions for file in _files_of(out, each)))
        storage.remove_empty(storage.join(out, files.BATCH_SCORES))
        storage.remove_empty(storage.join(out, files.WORK))
    drop_note(out)


def drop_work(out: str, partitions: Sequence[str]) -> None:
    """Remove the working files."""
    storage.remove(*(file for each in partitions for file in _work_of(out, each)))
    storage.remove_empty(storage.join(out, files.WORK))


def drop_note(out: str) -> None:
    """Remove the note: the batch is finished, or nothing is left of it."""
    storage.remove(_note(out))


def check_wanted(out: str, partition: str) -> None:
    """Take back what was written of a partition where the batch was given up meanwhile.

    Raises:
        TwinflowError: it was.
    """
    if not storage.files(_note(out)):
        storage.remove(*_files_of(out, partition))
        raise TwinflowError(f"{out}: expected the batch to go on, found that it was given up")


def _note(out: str) -> str:
    return storage.join(out, files.WRITTEN)


def _files_of(out: str, partition: str) -> list[str]:
    return [*_work_of(out, partition), scores_of(out, partition)]


def _work_of(out: str, partition: str) -> list[str]:
    return [in_work(out, f"{partition}{ending}") for ending in (SKETCH, EXAMINED, SCORED)]


def _noted(out: str) -> Note | None:
    """The note; None where there is none.

    Raises:
        ArtifactError: it is none of a batch.
    """
    if not storage.files(note := _note(out)):
        return None
    try:
        return Note(**storage.read_json(note))
    except (ValidationError, TypeError) as error:
        raise ArtifactError(f"{note}: expected the note of a batch, found something else") from error


def _check_abandoned(out: str) -> None:
    note = _noted(out)
    if note is None or note.process == this_process() or has_ended(note.process):
        return
    by = f"process {note.process.number} on {note.process.host.split(' ')[0]}"
    found = f"a batch that {by} is at work on; if it has ended, empty the folder"
    raise InputError(f"{out}: expected a folder that is new or empty, found {found}")
