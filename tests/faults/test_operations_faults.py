"""Faults of operation (O..), as README.md lists them; those that other tests assert stand there."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from schemas.scores import score_schema
from tests.helpers.frames import read_frame
from tests.helpers.processes import running
from tests.helpers.reloaded import reloaded
from tests.helpers.untrained import verifier_of
from twinflow.data.columns import PairColumns
from twinflow.errors import ArtifactError, DataError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import load_network
from twinflow.runs.folder import check_run, new_run, point_current, seal
from twinflow.scoring.files import score_file
from twinflow.settings import Settings
from twinflow.system.atomic import atomic, write_text
from twinflow.system.files import printable

WRITER = """
import sys
from pathlib import Path
from twinflow.system.atomic import atomic
print("ready", flush=True)
number = 0
while True:
    number += 1
    with atomic(Path(sys.argv[1])) as path, path.open("w") as file:
        for _ in range(50):
            file.write(str(number) + " ")
            file.flush()
"""


def test_O01_a_file_is_whole_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    path, wait = tmp_path / "model.keras", random.Random(0)
    write_text(path, "0 " * 50)
    for _ in range(20):
        with running(WRITER, path):
            time.sleep(wait.uniform(0.001, 0.02))
        words = path.read_text().split()
        assert len(words) == 50
        assert len(set(words)) == 1
    write_text(path, "done")
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.keras"]


HOLDER = """
import sys
from pathlib import Path
from twinflow.system.atomic import atomic
with atomic(Path(sys.argv[1])) as path:
    path.write_text("held")
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_O06_a_living_writer_keeps_its_file_and_a_dead_ones_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    foreign = tmp_path / ".a.notes.json"
    foreign.write_text("not ours")
    with running(HOLDER, path) as living:
        (held,) = set(tmp_path.iterdir()) - {foreign}
        write_text(path, "meanwhile")
        assert held.read_text() == "held"
        living.communicate("\n")
        assert path.read_text() == "held"
    with running(HOLDER, path):
        pass
    (left,) = set(tmp_path.iterdir()) - {foreign, path}
    with ThreadPoolExecutor(16) as pool:  # many, each of which looks for dead ones while others make theirs
        list(pool.map(lambda number: write_text(path, str(number)), range(200)))
    assert not left.exists()
    assert set(tmp_path.iterdir()) == {foreign, path}


def test_O01_a_network_that_lost_its_end_is_refused(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    TwinNetwork("euclidean", HEADS["euclidean"].defaults, 4).save(run / "model.keras")
    seal(run)
    with (run / "model.keras").open("r+b") as file:
        file.truncate(file.seek(0, os.SEEK_END) - 1000)
    with pytest.raises(ArtifactError, match=r"model\.keras: expected SHA-256 .* it was altered"):
        check_run(run, "model.keras")
    with pytest.raises(ArtifactError, match=r"model\.keras: expected a network of twinflow, found"):
        load_network(run / "model.keras")


@pytest.mark.parametrize("name", ["ein Ordner", "Größe", "漢字", "a#b", "-x", "é" * 100, "100%", "a'b\"c"])
def test_O02_folders_of_any_name_are_worked_in(name: str, tmp_path: Path) -> None:
    run = new_run(tmp_path / name)
    settings = Settings(side_width=4)
    network = TwinNetwork("euclidean", HEADS["euclidean"].defaults, 4)
    with atomic(run / "model.keras") as path:
        network.save(path)
    seal(run)
    point_current(run)
    loaded = load_network(check_run(run.parent / "current") / "model.keras")
    verifier = verifier_of(loaded, settings)
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(3, 8)), columns=list(settings.columns.vectors))
    frame.to_csv(tmp_path / name / f"{name}.csv", index=False)
    assert score_file(verifier, tmp_path / name / f"{name}.csv", tmp_path / name / "out.csv").rows == 3
    left, right = (frame[list(side)].to_numpy(np.float32) for side in (settings.columns.left, settings.columns.right))
    out = pd.read_csv(tmp_path / name / "out.csv")
    np.testing.assert_allclose(out["score"], network([left, right]), atol=1e-6)
    assert {entry.name for entry in tmp_path.iterdir()} == {name}


def test_O02_a_path_no_file_can_have_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in ("x" * 5000, str(tmp_path / "loop")):
        with pytest.raises(DataError) as caught:
            read_frame(path, PairColumns())
        assert str(caught.value).startswith(f"{path}: expected a readable file or folder, found a path that leads")
    with pytest.raises(ArtifactError, match="can be written, found a path that leads nowhere: File name too long"):
        new_run(tmp_path / ("x" * 300))


@pytest.mark.parametrize(
    "command",
    [
        ["score", "--pairs", "a.csv", "--out", "o.csv", "--model"],
        *(
            ["report"],
            ["promote"],
            ["runs", "--runs"],
            ["rollback", "--runs"],
            ["resume"],
            ["audit"],
            ["settings", "--config"],
        ),
        ["example"],
        ["inbox", "--no-server"],
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("kind", ["too long", "a loop", "no text"])
def test_O02_a_path_no_file_can_have_ends_every_command_in_one_line(
    command: list[str], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, twinflow
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    path = {"too long": "x" * 5000, "a loop": str(tmp_path / "loop"), "no text": f"{tmp_path}/\udcff"}[kind]
    monkeypatch.chdir(tmp_path)
    code, _, said = twinflow(*command, path)
    assert code in (1, 2)
    assert said.startswith("twinflow: ")
    assert (said.count("\n"), printable(path[:100]) in said) == (1, True)
    assert {entry.name for entry in tmp_path.iterdir()} == {"loop"}


STARTED = """
import json, sys
from pathlib import Path
from twinflow.runs.folder import new_run
from twinflow.runs.folder import point_current
from twinflow.runs.folder import seal
from twinflow.system.json_files import write_json
print("ready", flush=True)
sys.stdin.readline()
run = new_run(Path(sys.argv[1]), "nightly")
for name in ("model", "calibration", "report"):
    write_json(run / f"{name}.json", {"seed": int(sys.argv[2])})
seal(run)
point_current(run)
print(run)
"""


def test_O05_runs_begun_together_with_one_name_are_never_mixed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTED, str(tmp_path)]
    pipes = {"stdout": subprocess.PIPE, "stdin": subprocess.PIPE, "text": True}
    started = [subprocess.Popen([*command, str(seed)], **pipes) for seed in range(8)]
    for process in started:
        process.stdout.readline()
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    runs = [Path(process.communicate()[0].strip()) for process in started]
    assert len(set(runs)) == 8
    for seed, run in enumerate(runs):
        check_run(run)
        assert {json.loads((run / f"{name}.json").read_text())["seed"] for name in ("model", "report")} == {seed}
    assert (tmp_path / "current").resolve() in runs
    assert {entry.name for entry in tmp_path.iterdir()} == {"current", *(run.name for run in runs)}


def test_O07_scores_never_take_the_place_of_their_pairs(tmp_path: Path) -> None:
    pairs, link = tmp_path / "a.csv", tmp_path / "b.csv"
    pairs.write_text("v0,v1\n1,2\n")
    link.symlink_to(pairs)
    settings = Settings(side_width=1)
    network = TwinNetwork("cosine", HEADS["cosine"].defaults, 1)
    verifier = verifier_of(network, settings)
    for out in (pairs, link):
        with pytest.raises(ArtifactError, match="expected another file than the pairs, found the same"):
            score_file(verifier, pairs, out)
    assert pairs.read_text() == "v0,v1\n1,2\n"


def test_O07_a_pair_that_cannot_be_worked_with_is_marked_and_the_rest_scored(tmp_path: Path) -> None:
    settings = Settings(side_width=4)
    columns, random = settings.columns, np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(1000, 8)), columns=list(columns.vectors), dtype=np.float32)
    frame.iloc[500], frame.iloc[501, 2], frame.iloc[502, [0, 4]] = 3e38, np.nan, [3e38, -3e38]
    for head in HEADS:
        network = reloaded(TwinNetwork(head, HEADS[head].defaults, 4))
        verifier = verifier_of(network, settings)
        scored = score_schema().validate(verifier.score_frame(frame))
        assert scored["row"].tolist() == list(range(2, 1002))
        assert scored["status"][501] == "not a finite number: v2"
        assert scored["status"][500] == "too large a number: v0, v1, v2 …"
        assert scored["status"][502] == "too large a number: v0, v4"
        others = scored.drop(index=[500, 501, 502])
        assert (others["status"] == "ok").all()
        good = frame.drop(index=[500, 501, 502])
        alone = verifier.score(good[list(columns.left)].to_numpy(), good[list(columns.right)].to_numpy())
        np.testing.assert_allclose(others["score"], alone, atol=1e-5)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file can grow beyond 10 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_O01_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, small_disk: None) -> None:
    network = TwinNetwork("euclidean", HEADS["euclidean"].defaults, 4)
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(5000, 4)), columns=list("abcd"))
    writers = {
        "a.json": lambda path: path.write_text("0" * 20_000),
        "a.keras": network.save,
        "a.parquet": frame.to_parquet,
        "a.npz": lambda path: np.savez(path, frame.to_numpy()),
    }
    for name, write in writers.items():
        write_text(tmp_path / name, "the one before")
        with pytest.raises(OSError, match=r"File too large|errno = 27"), atomic(tmp_path / name) as path:
            write(path)
        assert (tmp_path / name).read_text() == "the one before"
    assert {path.name for path in tmp_path.iterdir()} == set(writers)
