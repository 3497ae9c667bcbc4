"""Faults of pairs, files and networks that are known already: accuracy that flatters, and runs with nothing new."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prefect.client.schemas.objects import State

from flows.monitor import monitor
from flows.train import train
from tasks.step.step import document_of
from tests.helpers.small_runs import SETTINGS, WIDTH, kept, trained
from twinflow.calibration.document import belongs_to
from twinflow.models.scoring_network import network_sha256
from twinflow.monitoring.performance import performance
from twinflow.monitoring.shift_weights import shift_weights
from twinflow.runs.folder import point_current, seal
from twinflow.runs.registry import list_runs
from twinflow.scoring.verifier import load
from twinflow.system.files import sha256
from twinflow.system.json_files import Document, read_json, write_json

pytestmark = pytest.mark.usefixtures("without_evidently")

KNOWN = "were used to train or calibrate the model, and say nothing of its accuracy"


def checked(file: str, run: Path) -> tuple[Document, str]:
    """The document of a check, and its page."""
    outcome = document_of(monitor.fn(file, str(run)))
    folder = Path(outcome["run"])
    return read_json(folder / "drift.json"), (folder / "drift.html").read_text()


# Pairs that the model knows


def test_the_training_file_says_nothing_of_the_accuracy(run: Path, files: dict[str, str]) -> None:
    found, page = checked(files["train"], run)
    assert (found["quality"]["known_rows"], found["quality"]["labelled_rows"]) == (300, 300)
    assert found["performance"] is None
    assert found["decision"]["estimate"]["figures"] is None
    assert found["reason"].endswith(f"; all 300 pairs {KNOWN}")
    assert f"All 300 pairs {KNOWN}." in page
    assert "of the calls are right" not in page


def test_known_pairs_among_new_ones_are_counted_told_and_left_out(
    run: Path, files: dict[str, str], tmp_path: Path, twinflow
) -> None:
    known, new = pd.read_csv(files["train"])[:120], pd.read_csv(files["new"])
    swapped = known[60:].rename(
        columns=lambda name: f"v{(int(name[1:]) + WIDTH) % (2 * WIDTH)}" if name[0] == "v" else name
    )
    alone, _ = checked(files["new"], run)
    mixed = kept(pd.concat([known[:60], new, swapped[list(new)]]), tmp_path / "mixed.csv")
    code, out, err = twinflow(
        "monitor", "--no-server", "--json", "--pairs", mixed, "--model", run, "--out", tmp_path / "m"
    )
    outcome = json.loads(out)
    assert (code in (0, 3), outcome["known_rows"], outcome["rows"]) == (True, 120, 420)
    assert f"120 of 420 pairs {KNOWN}" in err
    found = read_json(Path(outcome["run"]) / "drift.json")
    assert found["performance"] == alone["performance"]
    assert found["decision"]["estimate"]["rows"] == alone["decision"]["estimate"]["rows"] == 300
    expected = alone["decision"]["estimate"]["figures"]["accuracy"]
    assert outcome["estimate"]["accuracy"] == pytest.approx(expected, abs=0.05)  # scored by other members


def test_pairs_that_train_all_members_and_validate_none_are_known_too(files: dict[str, str], tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"validation": "stratified"})
    run = Path(trained(files["train"], files["test"], tmp_path / "runs", settings)["run"])
    assert checked(files["train"], run)[0]["quality"]["known_rows"] == 300


def test_pairs_that_chose_the_threshold_are_known_too(run: Path, files: dict[str, str], twinflow) -> None:
    code, out, err = twinflow("calibrate", "--no-server", "--json", "--model", run, "--pairs", files["new"])
    assert code == 0, err
    made = Path(json.loads(out)["run"])
    for name, known in (("new", 300), ("train", 300), ("test", 0)):
        found, _ = checked(files[name], made)
        assert (found["quality"]["known_rows"], found["performance"] is None) == (known, known > 0)


def test_a_run_of_0_1_0_knows_its_pairs_by_their_scores(run: Path, files: dict[str, str]) -> None:
    (run / "known_pairs.npy").unlink()
    document = read_json(run / "calibration.json") | {"network_sha256": sha256(run / "model.keras")}
    write_json(run / "calibration.json", document)
    seal(run)
    assert load(run).network.members == 2
    assert checked(files["train"], run)[0]["quality"]["known_rows"] == 300
    assert checked(files["new"], run)[0]["quality"]["known_rows"] == 0


# Labels of one class


@pytest.mark.parametrize("only", [0, 1])
def test_labels_of_one_class_are_counted_and_are_no_fall(
    only: int, run: Path, files: dict[str, str], tmp_path: Path
) -> None:
    frame = pd.read_csv(files["new"])
    found, page = checked(kept(frame[frame["class"] == only], tmp_path / "one.csv"), run)
    rates = found["performance"]
    assert (rates["rows"], rates["fallen"]) == (150, [])
    assert rates["accuracy"]["so_far"] is rates["precision"]["so_far"] is None
    assert (rates["recall"]["so_far"] is None) == (only == 0)
    assert "The labels are all of one class" in page


def test_a_former_check_of_one_class_tips_no_later_one() -> None:
    promised = {
        f"{name}{end}": value
        for name in ("accuracy", "precision", "recall")
        for end, value in (("", 0.9), ("_interval", [0.85, 0.95]))
    }
    label = np.arange(200) % 2
    all_wrong = {"tp": 0, "fp": 400, "fn": 0, "tn": 0}
    found = performance(label, label, promised, [all_wrong])
    assert (found["fallen"], found["precision"]["so_far"], found["rows_so_far"]) == ([], 1.0, 600)
    few = {"tp": 0, "fp": 1, "fn": 0, "tn": 0}  # one label a check adds up
    assert performance(label, label, promised, [few] * 50)["precision"]["so_far"] == 100 / 150


# Nothing new


def state_of(files: dict[str, str], runs: Path, **given: object) -> State:
    return train.fn(files["train"], files["test"], runs=str(runs), **{"settings": SETTINGS, **given})


def test_an_unchanged_run_ends_before_the_fit(run: Path, files: dict[str, str], twinflow) -> None:
    state = state_of(files, run.parent)
    assert (state.is_completed(), state.name) == (True, "Nothing new")
    assert (state.data["state"], state.data["run"], state.data["reasons"]) == ("nothing new", str(run), [])
    assert [each.folder for each in list_runs(run.parent)] == [run]
    words = ["--train", files["train"], "--test", files["test"], "--runs", run.parent, "--set", "folds=2", "--set"]
    words = [*words, "head=cosine", "--set", f"side_width={WIDTH}", "--set", "resamples=100", "--no-server"]
    code, out, err = twinflow("train", *words)
    assert (code, [each.folder for each in list_runs(run.parent)]) == (0, [run])
    assert "Nothing new: this run has the same files" in out
    assert f"the same as {run.name}" in err
    code, out, _ = twinflow("train", *words, "--json", "--force")
    assert (code, json.loads(out)["state"]) == (0, "published")
    assert (run.parent / "current").resolve() == Path(json.loads(out)["run"]) != run


@pytest.mark.parametrize("changed", ["settings", "train", "test", "version", "damaged", "not current"])
def test_whatever_is_new_is_trained(changed: str, run: Path, files: dict[str, str], tmp_path: Path) -> None:
    given, names = {}, dict(files)
    if changed == "settings":
        given = {"settings": SETTINGS.model_copy(update={"resamples": 101})}
    elif changed in names:
        names[changed] = kept(pd.read_csv(files[changed])[:-2], tmp_path / "other.csv")
    elif changed == "version":
        inputs = read_json(run / "inputs.json")
        write_json(run / "inputs.json", inputs | {"versions": {**inputs["versions"], "twinflow": "0.1.0"}})
        seal(run)
    elif changed == "damaged":
        (run / "metrics.json").write_text("{}")
    else:
        (run.parent / "current").unlink()
    state = state_of(names, run.parent, **given)
    assert state.name == "Published"
    assert Path(state.data["run"]) != run


def test_a_recalibrated_run_keeps_its_threshold(run: Path, files: dict[str, str], twinflow) -> None:
    """Its settings are others, and its network is the one that would come out again."""
    code, out, _ = twinflow("calibrate", "--no-server", "--json", "--model", run, "--objective", "balanced-accuracy")
    state = state_of(files, run.parent)
    assert (code, state.name) == (0, "Nothing new")
    assert (run.parent / "current").resolve() == Path(json.loads(out)["run"])


def test_a_model_that_was_turned_away_beside_the_current_one_is_not_trained_again(
    run: Path, files: dict[str, str], twinflow
) -> None:
    best = SETTINGS.model_copy(update={"minimum_auc": 0.9999})
    rejected = state_of(files, run.parent, settings=best).data
    again = state_of(files, run.parent, settings=best)
    assert (rejected["state"], again.data["run"]) == ("rejected", rejected["run"])
    assert again.data["reasons"] == rejected["reasons"]
    words = ["--train", files["train"], "--test", files["test"], "--runs", run.parent, "--no-server"]
    changed = [
        word
        for key in ("folds=2", "head=cosine", f"side_width={WIDTH}", "resamples=100", "minimum_auc=0.9999")
        for word in ("--set", key)
    ]
    assert twinflow("train", *words, *changed)[0] == 3
    point_current(Path(rejected["run"]))
    assert state_of(files, run.parent, settings=best).data["run"] == rejected["run"]


# A network is known by what it is


def test_identical_fits_have_the_same_network_sha256(run: Path, files: dict[str, str]) -> None:
    again = Path(trained(files["train"], files["test"], run.parent, force=True)["run"])
    assert sha256(again / "model.keras") != sha256(run / "model.keras")  # it holds the time
    one, other = (read_json(each / "calibration.json") for each in (run, again))
    assert one == other
    assert belongs_to(one, again / "model.keras")
    settings = SETTINGS.model_copy(update={"folds": 3})
    third = Path(trained(files["train"], files["test"], run.parent, settings)["run"])
    assert network_sha256(third / "model.keras") != one["network_sha256"]


# Pairs that share an item


@pytest.mark.parametrize("rows", [1, 200])
@pytest.mark.parametrize("side", ["reference", "new"])
def test_pairs_of_one_item_have_no_shift_weights(rows: int, side: str) -> None:
    draw = np.random.default_rng(0)
    one, other = draw.normal(size=(rows, 6)), draw.normal(size=(400, 6))
    given = (
        (one, other, np.zeros(rows, int), np.arange(400))
        if side == "reference"
        else (other, one, np.arange(400), np.zeros(rows, int))
    )
    found = shift_weights(*given)
    assert (found.used, found.auc, set(found.weights)) == (False, 0.5, {1.0})
    assert found.reason.startswith("too many pairs share an item")


@pytest.mark.parametrize("kind", ["one left item", "one pair", "one pair mirrored"])
def test_a_delivery_of_one_item_is_checked(kind: str, run: Path, files: dict[str, str], tmp_path: Path) -> None:
    frame = pd.read_csv(files["new"])[:200].astype(float)
    left, right = list(SETTINGS.columns.left), list(SETTINGS.columns.right)
    frame[left] = frame[left].iloc[0].to_numpy()
    if kind != "one left item":
        frame[right] = frame[right].iloc[0].to_numpy()
    if kind == "one pair mirrored":
        frame.loc[::2, left + right] = frame.loc[::2, right + left].to_numpy()
    found, _ = checked(kept(frame, tmp_path / "one.csv"), run)
    assert (found["quality"]["unscored_rows"], found["performance"]["rows"]) == (0, 200)
    assert found["verdict"] in ("drift", "no drift")
    assert found["decision"]["estimate"]["figures"] is not None
