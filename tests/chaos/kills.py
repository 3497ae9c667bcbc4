"""Kill `train` wherever a file takes its name, and at random moments; go on with `resume`; see that nothing is lost.

    python tests/chaos/kills.py FOLDER             a dozen kills, on the server of PREFECT_API_URL
    python tests/chaos/kills.py FOLDER --all       before and after every file, and RANDOM moments; about 3 minutes

Each run is a fork of this process, which has imported everything and started nothing. One run is left undisturbed; the
figures of the other, which dies again and again, are held against it. Prints one JSON document.
"""

from __future__ import annotations

import fnmatch
import json
import logging
import os
import random
import re
import shutil
import signal
import sys
import time
import traceback
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import prefect.main  # noqa: F401 (before TensorFlow)

from flows.resume import resume
from flows.train import train
from twinflow.runs.folder import check_run
from twinflow.runs.registry import Run, list_runs, prune
from twinflow.settings import Settings
from twinflow.system.imports import import_quietly
from twinflow.system.json_files import read_json
from twinflow.training import checkpoint

SETTINGS = Settings(head="euclidean", side_width=8, folds=2, epochs=3, resamples=100)
ROWS = 60
RANDOM = 20

Point = tuple[str, str]  # a file's name, and whether the process dies before or after it is there
FEW: list[Point] = [
    ("begun.json", "after"),
    ("validate-*.json", "before"),
    ("split-*.json", "before"),
    ("fit.npz", "after"),
    ("model.keras", "before"),
    ("fit-*.json", "before"),
    ("metrics.json", "after"),
    ("gate.json", "after"),
    ("report.html", "before"),
    ("manifest.json", "before"),
    ("current", "before"),
    ("current", "after"),
]


def write_files(folder: Path) -> None:
    """Pairs far from the origin: cosine knows little of them, and a Euclidean network most."""
    draw = np.random.default_rng(0)
    for part in ("train", "test"):
        left, other, noise = draw.normal(10, 1, size=(3, ROWS, SETTINGS.side_width))
        label = draw.integers(0, 2, ROWS)
        right = np.where(label[:, None] == 1, left + 0.3 * (noise - 10), other)
        frame = pd.DataFrame(np.concatenate([left, right], axis=1), columns=list(SETTINGS.columns.vectors))
        frame.assign(**{SETTINGS.label: label}).to_csv(folder / f"{part}.csv", index=False)


def at_every_name(folder: Path, act: Callable[[Point], None]) -> None:
    """Call `act` before and after a file takes its name among the runs, and before and after a folder goes there."""
    runs = folder / "runs"

    def around(change: Callable[..., None]) -> Callable[..., None]:
        def changed(*args: Any, **kwargs: Any) -> None:
            path = Path(args[-1])
            ours = runs in path.parents
            if ours:
                act((path.name, "before"))
            change(*args, **kwargs)
            if ours:
                act((path.name, "after"))

        return changed

    os.replace, shutil.rmtree = around(os.replace), around(shutil.rmtree)


def die_at(folder: Path, point: Point) -> None:
    def act(passed: Point) -> None:
        if fnmatch.fnmatch(passed[0], point[0]) and passed[1] == point[1]:
            os.kill(os.getpid(), signal.SIGKILL)

    at_every_name(folder, act)


def note(folder: Path) -> None:
    """Write down the points that a run passes, in order; a step's result has another key in another run."""

    def act(passed: Point) -> None:
        name = re.sub(r"-[0-9a-f]{16}\.json$", "-*.json", passed[0])
        with (folder / "points.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, passed[1]]) + "\n")

    at_every_name(folder, act)


def forked(work: Callable[[], None], seconds: float | None = None) -> int:
    """How a fork ended that does some work: its exit code, or minus the signal; killed after some seconds, if given."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def go_on(folder: Path, before: Callable[[], None] = lambda: None) -> None:
    """Resume the run that can be, or begin one."""
    checkpoint.SECONDS, checkpoint.SHARE = 0.0, np.inf  # one after every epoch
    left = [run for run in list_runs(folder / "runs") if can_go_on(run)] if (folder / "runs").exists() else []
    before()
    if left:
        resume(str(left[0].folder))
    else:
        train(str(folder / "train.csv"), str(folder / "test.csv"), SETTINGS, str(folder / "runs"), force=True)


def can_go_on(run: Run) -> bool:
    return (run.folder / "work" / "begun.json").exists()


def check(folder: Path) -> None:
    """Whatever has its final name is whole, `current` is as it was written, and the list of the runs can be read."""
    for path in (folder / "runs").rglob("*"):
        if path.name.startswith("."):
            continue
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".parquet":
            pd.read_parquet(path)
        elif path.suffix in (".npz", ".keras"):
            assert zipfile.ZipFile(path).testzip() is None, path
        elif path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>"), path
    check_run(folder / "runs" / "current")
    list_runs(folder / "runs")


def compare(folder: Path) -> None:
    """The run that died again and again has the figures, the scores and the weights of the one that did not."""
    import keras

    import twinflow.models.network  # noqa: F401 (Keras finds the class by it)

    finished = [run.folder for run in list_runs(folder / "runs") if run.state in ("current", "kept")]
    killed, *_, whole = finished
    assert (folder / "runs" / "current").resolve() == killed
    prune(folder / "runs", len(list_runs(folder / "runs")))
    assert not list((folder / "runs").glob(".current.*"))
    names = [{path.name for path in run.iterdir()} for run in finished]
    assert all(each == names[-1] for each in names), names
    for name in ("metrics.json", "drift.json", "map.json"):
        assert read_json(killed / name) == read_json(whole / name), name
    for name in ("test_scores.parquet", "validation_scores.parquet"):
        pd.testing.assert_frame_equal(pd.read_parquet(killed / name), pd.read_parquet(whole / name), check_exact=True)
    assert (killed / "history.csv").read_bytes() == (whole / "history.csv").read_bytes()
    weights = [[np.asarray(v) for v in keras.saving.load_model(run / "model.keras").weights] for run in (killed, whole)]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def main(folder: Path, points: list[Point] | None) -> None:
    logging.disable(logging.CRITICAL)
    write_files(folder)
    kills = 0
    assert forked(lambda: go_on(folder, lambda: note(folder))) == 0
    noted = [tuple(json.loads(line)) for line in (folder / "points.jsonl").read_text().splitlines()]
    for point in points or noted:
        ended = forked(partial(go_on, folder, partial(die_at, folder, point)))
        assert ended == -signal.SIGKILL, (point, ended)
        assert forked(lambda: check(folder)) == 0, point
        kills += 1
    draw = random.Random(0)
    for _ in range(0 if points else RANDOM):
        kills += forked(lambda: go_on(folder), draw.uniform(0.2, 4)) == -signal.SIGKILL
        assert forked(lambda: check(folder)) == 0
    assert forked(lambda: go_on(folder)) == 0
    assert forked(lambda: compare(folder)) == 0
    sys.stdout.write(json.dumps({"kills": kills}) + "\n")


if __name__ == "__main__":
    import_quietly("twinflow.training.fit")
    main(Path(sys.argv[1]), None if "--all" in sys.argv else FEW)
