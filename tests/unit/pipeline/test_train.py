"""Training from Python: the figures of the command, whatever form the pairs come in, and without Prefect."""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.resume import resume
from tasks.step.step import document_of
from tests.helpers.fits import WIDTH, make_pairs
from tests.helpers.small_runs import SETTINGS, kept, pairs
from twinflow import Verifier, load, train
from twinflow.data.pairs import Pairs
from twinflow.errors import ArtifactError, DataError, SettingsError
from twinflow.runs.folder import check_run
from twinflow.runs.registry import list_runs
from twinflow.system.json_files import read_json

CHOSEN = {"head": "logistic", "folds": 2, "resamples": 100}


def arrays(some: Pairs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return some.left, some.right, some.known_label


def frame(some: Pairs) -> pd.DataFrame:
    vectors = np.concatenate([some.left, some.right], axis=1)
    return pd.DataFrame(vectors, columns=[f"v{i}" for i in range(2 * WIDTH)]).assign(**{"class": some.known_label})


TRAIN, TEST = make_pairs(200, noise=0.8), make_pairs(100, noise=0.8, seed=1)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return train(arrays(TRAIN), arrays(TEST), **CHOSEN)


def test_it_gives_a_model_with_a_whole_run(verifier: Verifier) -> None:
    assert np.mean(verifier.predict(TEST.left, TEST.right) == TEST.label) > 0.85
    assert check_run(verifier.run) == verifier.run
    assert verifier.reasons == tuple(read_json(verifier.run / "gate.json")["reasons"])
    assert [run.state for run in list_runs(verifier.run.parent)] == ["rejected" if verifier.reasons else "current"]
    assert verifier.report().read_text(encoding="utf-8").startswith("<!doctype html>")
    assert verifier.settings.side_width == WIDTH


@pytest.mark.parametrize("form", ["side by side", "frame", "path", "path and arrays"])
def test_every_form_of_pairs_gives_the_same_model(verifier: Verifier, form: str, tmp_path: Path) -> None:
    given = {
        "side by side": [(np.hstack([some.left, some.right]), some.label == 1) for some in (TRAIN, TEST)],
        "frame": [frame(TRAIN), frame(TEST).sample(frac=1, axis=1, random_state=0)],
        "path": [tmp_path / "train.parquet", str(tmp_path / "test.parquet")],
        "path and arrays": [tmp_path / "train.parquet", arrays(TEST)],
    }[form]
    frame(TRAIN).to_parquet(tmp_path / "train.parquet")
    frame(TEST).to_parquet(tmp_path / "test.parquet")
    other = train(*given, side_width=WIDTH, **CHOSEN)
    for table in ("test_scores.parquet", "validation_scores.parquet"):
        ours, theirs = (pd.read_parquet(each.run / table) for each in (verifier, other))
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    assert other.threshold == verifier.threshold


@pytest.mark.parametrize(
    "values", [{"head": "logistic"}, {"head": "anchored", "epochs": 3}], ids=lambda each: each["head"]
)
def test_the_command_gives_the_same_scores(values: dict[str, object], tmp_path: Path, twinflow) -> None:
    files = [kept(pairs(200, seed), tmp_path / f"{seed}.csv") for seed in (0, 1)]
    settings = SETTINGS.model_dump(exclude_unset=True) | values
    words = ["train", "--train", files[0], "--test", files[1], "--runs", tmp_path / "a", "--no-server", "--json"]
    code, out, _ = twinflow(*words, *(word for key, value in settings.items() for word in ("--set", f"{key}={value}")))
    made = train(*files, runs=tmp_path / "b", name="here", **settings)
    other = Path(json.loads(out)["run"])
    assert code == (3 if made.reasons else 0)
    for table in ("test_scores.parquet", "validation_scores.parquet"):
        pd.testing.assert_frame_equal(*(pd.read_parquet(run / table) for run in (other, made.run)), check_exact=True)
    for document in ("metrics.json", "calibration.json", "drift.json", "record.json", "inputs.json"):
        ours, theirs = ({**read_json(run / document), "seconds": None} for run in (made.run, other))
        assert ours == theirs
    steps = list(read_json(other / "timings.json"))
    assert list(read_json(made.run / "timings.json")) == [step for step in steps if step not in BEFORE]
    assert (made.run.parent, made.run.name.split("-")[-1]) == (tmp_path / "b", "here")
    assert (tmp_path / "b" / "current").exists() == (not made.reasons)


BEFORE = ("open_run", "compare_inputs")  # the flow's own


def test_prefect_is_not_imported() -> None:
    code = """
import sys
import numpy as np
import twinflow
slow = {"tensorflow", "keras", "sklearn", "pandas", "pandera", "scipy", "pyarrow", "prefect"}
assert not slow & set(sys.modules), slow & set(sys.modules)
draw = np.random.default_rng(0)
left, noise = draw.normal(size=(2, 60, 4))
pairs = left, np.where(np.arange(60)[:, None] % 2, left, noise), np.arange(60) % 2
other = left + 0.1, *pairs[1:]
verifier = twinflow.train(pairs, other, head="cosine", resamples=100, folds=2)
print(verifier.run.exists(), 'prefect' in sys.modules, 'flows' in sys.modules)
print(verifier.run.parent)
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    said, runs = run.stdout.split("\n")[:2]
    assert said == "True False False"
    assert not Path(runs).exists()


def test_a_run_that_nobody_asked_to_keep_goes_with_the_last_verifier_of_it() -> None:
    verifier = train(arrays(TRAIN), arrays(TEST), **{**CHOSEN, "head": "cosine"})
    runs, rare = verifier.run.parent, verifier.at_prior(0.1)
    del verifier
    gc.collect()
    assert rare.report().exists()
    assert len(rare.explain(TEST.left, TEST.right)) == 100
    del rare
    gc.collect()
    assert not runs.exists()


def test_a_run_that_was_interrupted_can_be_resumed(
    verifier: Verifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(run: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("twinflow.pipeline.train.keep_profile", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(arrays(TRAIN), arrays(TEST), runs=tmp_path, **CHOSEN)
    (unfinished,) = list_runs(tmp_path)
    assert unfinished.state == "unfinished"
    outcome = document_of(resume.fn(str(unfinished.folder)))
    assert load(outcome["run"]).threshold == verifier.threshold


def test_why_the_gate_turned_a_model_away_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    chosen = {**CHOSEN, "head": "cosine", "minimum_auc": 1.0}
    verifier = train(arrays(TRAIN), arrays(TEST), runs=tmp_path / "runs", **chosen)
    (reason,) = [reason for reason in verifier.reasons if "at least 1 is asked for" in reason]
    assert f"turned away by the gate: {reason}" in caplog.messages
    assert not (tmp_path / "runs" / "current").exists()
    assert (verifier.run / "manifest.json").exists()
    assert "turned away by the gate" in repr(verifier)


def test_each_step_and_each_finding_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "twinflow"):
        verifier = train(arrays(TRAIN), arrays(TEST), **{**CHOSEN, "head": "cosine"})
    lines = [record.getMessage() for record in caplog.records if record.name == "twinflow.pipeline.train"]
    assert [line.split()[0] for line in lines] == [*read_json(verifier.run / "timings.json"), "report"]
    found = read_json(verifier.run / "inputs.json")["audit"]["warnings"]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == found


VECTORS, LABELS = np.hstack([TRAIN.left, TRAIN.right]), TRAIN.known_label
FORMS = "train: expected a path, a frame, (vectors, labels) or (left, right, labels), found "


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([VECTORS, LABELS], FORMS + "list"),
        (None, FORMS + "NoneType"),
        ((VECTORS,), FORMS + "a tuple of 1"),
        ((VECTORS[:, :5], LABELS), "train: expected arrays (n, 2d) and (n,), found (200, 5), (200,)"),
        ((VECTORS, LABELS[:9]), "train: expected arrays (n, 2d) and (n,), found (200, 16), (9,)"),
        ((VECTORS[0], LABELS), "train: expected arrays (n, 2d) and (n,), found (16,), (200,)"),
        (
            (TRAIN.left, TRAIN.right[:, :3], LABELS),
            "train: expected arrays (n, d), (n, d) and (n,), found (200, 8), (200, 3), (200,)",
        ),
        ((VECTORS.astype(str), LABELS), "train: expected an array of numbers, found one of str"),
        ((VECTORS, LABELS.astype(object)), "train: expected an array of numbers, found one of object"),
        (([[1, 2], [3]], [0, 1]), "train: expected an array of numbers, found rows of different lengths"),
    ],
    ids=range(10),
)
def test_arrays_of_another_shape_are_refused(given: object, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the message is what counts)
        train(given, arrays(TEST))  # type: ignore[arg-type]
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            lambda f: f.rename(columns={"v3": "w3"}),
            "train, row 1: expected column 'v3', found no such column\ntrain",
        ),
        (lambda f: f.drop(columns="class"), "train, row 1: expected column 'class', found no such column"),
        (
            lambda f: f.assign(more=1),
            "train, row 1: expected no columns besides the 17 columns v0 … v15 and 'class'",
        ),
        (
            lambda f: f.set_axis(range(17), axis=1),
            "train, row 1: expected the 17 columns v0 … v15 and 'class', found",
        ),
        (lambda f: f.assign(v3="text"), "train, column 'v3': expected a column of numbers, found "),
        (
            lambda f: f.assign(v3=[*range(199), "a"]),
            "train: expected columns that Parquet can hold, found Could not",
        ),
        (lambda f: f.assign(v3=1j), "train: expected columns that Parquet can hold, found "),
        (lambda f: f.assign(v3=[1 << 70] * 200), "train: expected columns that Parquet can hold, found "),
        (
            lambda f: f.assign(v3=np.nan),
            "train, row 2, column 'v3': expected a number finite as float32, found an",
        ),
        (lambda f: f.assign(v3=1e39), "train, row 2, column 'v3': expected a number finite as float32, found 1e+39"),
        (
            lambda f: f.assign(**{"class": 2}),
            "train, row 2, column 'class': expected 0 (different) or 1 (same), found",
        ),
        (lambda f: f.iloc[:0], "train: expected at least one pair, found no rows"),
    ],
    ids=[
        "other",
        "unlabelled",
        "more",
        "unnamed",
        "text",
        "mixed",
        "complex",
        "huge",
        "empty",
        "too large",
        "labels",
        "no rows",
    ],
)
def test_frames_with_other_columns_or_cells_are_refused(changed, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        train(changed(frame(TRAIN)), frame(TEST), runs=tmp_path, side_width=WIDTH, head="cosine")
    assert str(refused.value).startswith(message)
    assert list(tmp_path.glob("*")) == []


def test_settings_and_folders_that_cannot_work_are_refused(tmp_path: Path) -> None:
    given = arrays(TRAIN), arrays(TEST)
    with pytest.raises(SettingsError, match=r"^settings: unknown key 'hed' \(did you mean 'head'\?\); the keys are"):
        train(*given, hed="cosine")
    with pytest.raises(SettingsError, match=r"^train: expected vectors of 9 numbers, found 8$"):
        train(*given, side_width=9)
    with pytest.raises(SettingsError, match=r"^test: expected vectors of 8 numbers, found 4$"):
        train(given[0], (TEST.left, TEST.known_label))
    with pytest.raises(DataError, match=r"^nothing\.csv: expected a readable CSV or Parquet file, found no such file$"):
        train("nothing.csv", given[1], side_width=WIDTH)
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match="file: expected a folder that can be written"):
        train(*given, runs=tmp_path / "file")
