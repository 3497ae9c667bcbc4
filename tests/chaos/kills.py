"""Kill `train` wherever a file takes its name, and at random moments; go on with `resume`; see that nothing is lost.

    python -m tests.chaos.kills FOLDER             a dozen kills, on the server of PREFECT_API_URL
    python -m tests.chaos.kills FOLDER --all       before and after every file, and RANDOM moments; about 3 minutes

Each run is a fork of this process, which has imported everything and started nothing. One run is left undisturbed; the
figures of the other, which dies again and again, are held against it. Prints one JSON document.
"""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
import signal
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import prefect.main  # noqa: F401 (before TensorFlow)

from flows.resume import resume
from flows.train import train
from tests.chaos.killing import Point, die_at, forked, note, noted
from twinflow.runs.folder import check_run
from twinflow.runs.registry import Run, list_runs, prune
from twinflow.settings import Settings
from twinflow.system.imports import import_quietly
from twinflow.system.json_files import read_json
from twinflow.training import checkpoint

SETTINGS = Settings(head="euclidean", side_width=8, folds=2, epochs=3, resamples=100)
ROWS = 60
RANDOM = 20

CHANGES = [(os, "replace"), (shutil, "rmtree")]
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
    assert forked(lambda: go_on(folder, lambda: note(folder / "runs", CHANGES, folder / "points.jsonl"))) == 0
    for point in points or noted(folder / "points.jsonl"):
        ended = forked(partial(go_on, folder, partial(die_at, folder / "runs", CHANGES, point)))
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
