"""Kill `convert` and `batch` wherever a file takes its name or goes, and at random moments; see that the next is whole.

    python -m tests.chaos.output_kills FOLDER             a few kills of each
    python -m tests.chaos.output_kills FOLDER --all       before and after every change, and RANDOM moments of each

Each run is a fork of this process, which has imported everything and started nothing. What a run that nothing disturbed
has written is what the run after a kill has to write, to the last byte, and there is nothing else then. Prints one JSON
document.
"""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flows.commands.convert import convert_pairs
from tests.chaos.killing import Point, die_at, forked, note, noted
from tests.helpers.stores import OLD, run_batch, write_table
from twinflow.data.columns import PairColumns
from twinflow.system.imports import import_quietly

CHANGES = [(os, "replace"), (os, "remove"), (os, "rmdir")]
RANDOM = 8
FEW = 7  # of so many points one is tried in the short form
FORMS = ("out.csv", "out.csv.gz", "out.parquet", "out.parquet/", "out")

Tree = dict[str, bytes]


def tree(folder: Path) -> Tree:
    """Every file below a folder, and every empty folder, the hidden ones too."""
    empty = {
        str(path.relative_to(folder)): b"" for path in folder.rglob("*") if path.is_dir() and not [*path.iterdir()]
    }
    return empty | {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def convert(form: str, folder: Path) -> None:
    convert_pairs(str(OLD / "train.csv"), f"{folder}/{form}", PairColumns(4))


def batch(table: Path, folder: Path) -> None:
    run_batch(table, folder / "out")


def check(folder: Path, whole: Tree) -> None:
    """What has its final name is whole, and where there is a manifest, so is the rest."""
    found = {name: content for name, content in tree(folder).items() if "/." not in f"/{name}"}
    for name, content in found.items():  # working files are in no whole result
        assert content == whole.get(name, content), name
    if any(name.endswith("manifest.json") for name in found):
        assert whole.items() <= found.items()


def killed_at(point: Point, nth: int, work: Callable[[Path], None], folder: Path) -> None:
    die_at(folder, CHANGES, point, nth)
    work(folder)


def noting(notes: Path, work: Callable[[Path], None], folder: Path) -> None:
    note(folder, CHANGES, notes)
    work(folder)


def finish(work: Callable[[Path], None], folder: Path, whole: Tree) -> None:
    """Do the work again, unless it was done, and hold what is there against the undisturbed run's."""
    if tree(folder) != whole:
        ended = forked(partial(work, folder))
        assert ended == 0, ended
    found = tree(folder)
    assert found == whole, [name for name in found.keys() | whole.keys() if found.get(name) != whole.get(name)]
    shutil.rmtree(folder)
    folder.mkdir()


def kills_of(work: Callable[[Path], None], folder: Path, notes: Path, every: bool) -> int:
    """How often a work was killed, always with a good end."""
    folder.mkdir()
    start = time.monotonic()
    assert forked(partial(noting, notes, work, folder)) == 0
    seconds, whole = time.monotonic() - start, tree(folder)
    finish(work, folder, whole)
    passed: Counter[Point] = Counter()
    kills = 0
    for place, point in enumerate(noted(notes)):
        passed[point] += 1
        if every or place % FEW == 0:
            ended = forked(partial(killed_at, point, passed[point], work, folder))
            assert ended == -signal.SIGKILL, (point, ended)
            check(folder, whole)
            finish(work, folder, whole)
            kills += 1
    draw = random.Random(0)
    for _ in range(RANDOM if every else 1):
        for _ in range(draw.randint(1, 3)):
            if tree(folder) != whole:
                kills += forked(partial(work, folder), draw.uniform(0, seconds)) == -signal.SIGKILL
            check(folder, whole)
        finish(work, folder, whole)
    return kills


def main(folder: Path, *, every: bool) -> None:
    logging.disable(logging.CRITICAL)
    table = write_table(folder / "table")
    works: dict[str, Callable[[Path], None]] = {form: partial(convert, form) for form in FORMS}
    works["batch"] = partial(batch, table)
    kills = {}
    for number, (name, work) in enumerate(works.items()):
        kills[name] = kills_of(work, folder / f"work{number}", folder / f"points{number}.jsonl", every)
    sys.stdout.write(json.dumps({"kills": kills}) + "\n")


if __name__ == "__main__":
    import_quietly("twinflow.monitoring.check")
    import_quietly("flows.batch")
    main(Path(sys.argv[1]).absolute(), every="--all" in sys.argv)
