"""Kill `monitor` and `inbox` wherever a file takes its name, and at random moments; run them again; nothing is wrong.

    python -m tests.chaos.monitor_kills FOLDER          some kills, without a server
    python -m tests.chaos.monitor_kills FOLDER --all    before and after every file, and RANDOM moments of either, on
                                                        the server of PREFECT_API_URL

Each round is a fork of this process, as in `kills.py`. One of each flow is left undisturbed, and what the others come
to is held against it. evidently's page, which another process writes, is left out. Prints one JSON document.
"""

from __future__ import annotations

import fnmatch
import json
import logging
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import prefect.main  # noqa: F401 (before TensorFlow)

from flows.inbox import inbox
from flows.monitor import monitor
from flows.train import train
from tests.chaos.killing import Point, die_at, forked, note, noted
from tests.chaos.kills import check
from tests.helpers.without_evidently import write_stub
from twinflow.monitoring.history import former_checks
from twinflow.scoring import inbox as dropped
from twinflow.settings import Settings
from twinflow.system.imports import import_quietly
from twinflow.system.json_files import read_json

SETTINGS = Settings(head="cosine", side_width=8, folds=2, resamples=100)
ROWS = 150  # a delivery
RANDOM = 10
CHANGES = [(os, "replace"), (os, "rename"), (shutil, "rmtree")]
OWN = ("time", "model", "file", "history", "seconds")  # of a check's document: what differs between equal checks
FEW = {
    "monitor": ["delivery.parquet", "scores.parquet", "drift.json", "drift.html", "manifest.json"],
    "inbox": ["good.csv", "good.parquet", "bad.csv.txt", "bad.csv"],
}


def write_files(folder: Path) -> None:
    """Files to train with, two deliveries with labels, and what is dropped in the inbox."""
    draw = np.random.default_rng(0)
    (folder / "dropped").mkdir()
    for name in ("train", "test", "one", "two", "dropped/good"):
        left, other, noise = draw.normal(0, 1, size=(3, ROWS, SETTINGS.side_width))
        label = draw.integers(0, 2, ROWS)
        right = np.where(label[:, None] == 1, left + 0.8 * noise, other)
        frame = pd.DataFrame(np.concatenate([left, right], axis=1), columns=list(SETTINGS.columns.vectors))
        frame.assign(**{SETTINGS.label: label}).to_csv(folder / f"{name}.csv", index=False)
    frame.to_parquet(folder / "dropped" / "good.parquet", index=False)
    (folder / "dropped" / "bad.csv").write_text("a,b\n1,2\n")


class Rounds:
    """Rounds of a flow in a folder, which are killed or are not.

    Args:
        folder: with the run's, under whose `runs/` everything is written.
        recorded: whether Prefect records the flows; where not, their steps are called as plain functions.
    """

    def __init__(self, folder: Path, recorded: bool) -> None:
        self.folder, self.recorded = folder, recorded
        self.runs = folder / "runs"
        self.inbox = self.runs / "inbox"

    def run(self, flow: Any, *given: str) -> None:
        (flow if self.recorded else flow.fn)(*given)

    def train(self) -> None:
        self.run(train, *(str(self.folder / f"{part}.csv") for part in ("train", "test")), SETTINGS, str(self.runs))

    def monitor(self, name: str, before: Callable[[], None] = lambda: None) -> None:
        before()
        self.run(monitor, str(self.folder / f"{name}.csv"), str(self.runs / "current"))

    def score(self, before: Callable[[], None] = lambda: None) -> None:
        dropped.SETTLED_SECONDS = 0
        before()
        self.run(inbox, str(self.inbox), str(self.runs / "current"))

    def fill(self) -> None:
        """An inbox with the files in it, and nothing else."""
        shutil.rmtree(self.inbox, ignore_errors=True)
        shutil.copytree(self.folder / "dropped", self.inbox)

    def checks(self) -> list[Path]:
        """The folders of the finished checks, the oldest first."""
        return [path.parent for path in sorted((self.runs / "monitor").glob("*/manifest.json"))]

    def left_in_inbox(self) -> dict[str, bytes]:
        """The visible files of the inbox with their content."""
        found = {path.relative_to(self.inbox): path for path in self.inbox.rglob("[!.]*") if path.is_file()}
        return {str(name): path.read_bytes() for name, path in found.items()}


def points_of(folder: Path, work: Callable[[Callable[[], None]], None]) -> list[Point]:
    """The points that a round passes, in order."""
    notes = folder / "noted.jsonl"
    notes.unlink(missing_ok=True)
    assert forked(lambda: work(lambda: note(folder / "runs", CHANGES, notes))) == 0
    return noted(notes)


def some(points: list[Point], names: list[str]) -> list[Point]:
    return [point for point in points if any(fnmatch.fnmatch(point[0], name) for name in names)]


def kill(folder: Path, point: Point, work: Callable[[Callable[[], None]], None]) -> None:
    ended = forked(partial(work, partial(die_at, folder / "runs", CHANGES, point)))
    assert ended == -signal.SIGKILL, (point, ended)


def same_check(one: Path, other: Path) -> None:
    """Two checks of the same file came to the same result."""
    documents = [
        {key: found for key, found in read_json(each / "drift.json").items() if key not in OWN} for each in (one, other)
    ]
    counts = [document["performance"] for document in documents]
    assert documents[0] == documents[1], counts
    assert [path.name for path in sorted(one.iterdir())] == [path.name for path in sorted(other.iterdir())]
    scores = [pd.read_parquet(each / "scores.parquet") for each in (one, other)]
    pd.testing.assert_frame_equal(*scores, check_exact=True)


def after_a_killed_check(rounds: Rounds, first: Path, finished: int) -> None:
    """Whatever has its name is whole, and the history has the finished checks and no other."""
    check(rounds.folder)
    told = former_checks(rounds.runs / "monitor", (rounds.runs / "current").resolve().name)
    assert len(told) == len(rounds.checks()) >= finished
    for path in rounds.checks():
        same_check(first, path)


def kill_monitor(rounds: Rounds, every: bool) -> int:
    """Check the same delivery again and again, killed; then it whole, and another: each counts once."""
    points, kills = points_of(rounds.folder, partial(rounds.monitor, "one")), 0
    (first,) = rounds.checks()
    for point in points if every else some(points, FEW["monitor"]):
        finished = len(rounds.checks())
        kill(rounds.folder, point, partial(rounds.monitor, "one"))
        assert forked(partial(after_a_killed_check, rounds, first, finished)) == 0, point
        kills += 1
    draw = random.Random(0)
    for _ in range(RANDOM if every else 0):
        kills += forked(partial(rounds.monitor, "one"), draw.uniform(0.05, 2)) == -signal.SIGKILL
        assert forked(partial(after_a_killed_check, rounds, first, 1)) == 0
    assert forked(partial(rounds.monitor, "one")) == 0
    same_check(first, rounds.checks()[-1])
    assert forked(partial(rounds.monitor, "two")) == 0
    found = read_json(rounds.checks()[-1] / "drift.json")["performance"]
    assert (found["rows"], found["rows_so_far"]) == (ROWS, 2 * ROWS)
    return kills


def after_a_killed_inbox(rounds: Rounds, whole: dict[str, bytes]) -> None:
    """Every file is somewhere once, and scores that are there are those that are wanted, to the last byte."""
    left = rounds.left_in_inbox()
    for name in ("good.csv", "good.parquet", "bad.csv"):
        places = [place for place in ("", "working/", "done/", "failed/") if f"{place}{name}" in left]
        assert len(places) == 1, (name, sorted(left))
    for name, content in left.items():
        if name.startswith(("scored/", "failed/")):
            assert content == whole[name], name


def kill_inbox(rounds: Rounds, every: bool) -> int:
    """Score the same files from a new inbox again and again, killed, and go on with the next round."""
    rounds.fill()
    points, kills = points_of(rounds.folder, rounds.score), 0
    whole = rounds.left_in_inbox()
    assert set(whole) >= {"done/good.csv", "done/good.parquet", "failed/bad.csv", "failed/bad.csv.txt"}, sorted(whole)

    def go_on(what: object) -> None:
        after_a_killed_inbox(rounds, whole)
        assert forked(rounds.score) == 0, what
        assert rounds.left_in_inbox() == whole, what

    for point in points if every else some(points, FEW["inbox"]):
        rounds.fill()
        kill(rounds.folder, point, rounds.score)
        go_on(point)
        kills += 1
    draw = random.Random(0)
    for _ in range(RANDOM if every else 0):
        rounds.fill()
        seconds = draw.uniform(0.05, 1)
        kills += forked(rounds.score, seconds) == -signal.SIGKILL
        go_on(seconds)
    return kills


def main(folder: Path, every: bool) -> None:
    logging.disable(logging.CRITICAL)
    write_files(folder)
    os.environ["PYTHONPATH"] = write_stub(folder)
    rounds = Rounds(folder, recorded=every)
    assert forked(rounds.train) == 0
    kills = {"monitor": kill_monitor(rounds, every), "inbox": kill_inbox(rounds, every)}
    sys.stdout.write(json.dumps({"kills": kills}) + "\n")


if __name__ == "__main__":
    for module in ("twinflow.training.fit", "twinflow.monitoring.check", "twinflow.scoring.files"):
        import_quietly(module)
    main(Path(sys.argv[1]), "--all" in sys.argv)
