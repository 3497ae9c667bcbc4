"""The comparison on a few rows of the sample: what it leaves, and that no finished fit is made again."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prefect import flow
from sklearn.metrics import roc_auc_score

from flows.commands.tables import comparison_table
from flows.compare import compare
from tasks.compare.fits import fit_system
from tasks.compare.plan import FitJob
from twinflow.errors import SettingsError
from twinflow.evaluation.comparison.fit_store import fit_key, is_kept
from twinflow.evaluation.overfitting import seen_scores
from twinflow.runs.folder import check_run
from twinflow.settings import Settings
from twinflow.system.json_files import read_json

SYSTEMS = ["cosine", "logistic", "euclidean", "wide", "ranking"]
SETTINGS = Settings(folds=2, epochs=3, resamples=100, validation="stratified")


@pytest.fixture(scope="module")
def few(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    for part, rows in (("train", 160), ("test", 120)):
        pd.read_csv(sample / f"{part}.csv", nrows=rows).to_parquet(folder / f"{part}.parquet", index=False)
    return folder


def run_compare(few: Path, **values: object) -> dict:
    given = {"systems": SYSTEMS, "seeds": 2, "settings": SETTINGS, "runs": str(few / "runs"), **values}
    return compare(str(few / "train.parquet"), str(few / "test.parquet"), **given)


@pytest.fixture(scope="module")
def compared(few: Path) -> dict:
    return run_compare(few)


def kept(few: Path) -> dict[str, int]:
    """When each kept fit's manifest was written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in (few / "runs" / ".fits").glob("*/manifest.json")}


def test_run_is_sealed_and_never_current(compared: dict) -> None:
    run = Path(compared["run"])
    files = {"compare.json", "compare.html", "history.csv", "inputs.json", "manifest.json", "settings.yaml"}
    assert {path.name for path in run.iterdir()} == files | {"test_scores.parquet"}
    assert check_run(run) == run
    assert run.name.endswith("-compare")
    assert not (run.parent / "current").exists()
    assert compared["state"] == "compared"
    assert json.loads(json.dumps(compared, allow_nan=False)) == compared


def test_figures_are_those_of_the_scores(compared: dict) -> None:
    run = Path(compared["run"])
    scores = pd.read_parquet(run / "test_scores.parquet")
    document = read_json(run / "compare.json")
    assert {system["name"] for system in document["systems"]} | {each["name"] for each in document["failed"]} == set(
        SYSTEMS
    )
    for system in document["systems"]:
        own = [roc_auc_score(scores["label"], scores[f"{system['name']} {seed}"]) for seed in system["seeds"]]
        np.testing.assert_allclose(system["test"]["auc"]["values"], own, atol=1e-9)
        assert len(own) == (1 if system["name"] in ("cosine", "logistic") else 2)
    assert len(document["answers"]) == 10
    curve = document["learning_curve"]
    assert [point["share"] for point in curve["points"]] == [0.25, 0.5, 0.75, 1.0]
    assert [point["rows"] for point in curve["points"]] == sorted(point["rows"] for point in curve["points"])


def test_page_and_table_say_which_to_use(compared: dict) -> None:
    page = (Path(compared["run"]) / "compare.html").read_text(encoding="utf-8")
    assert f"Use {compared['recommended']}" in page
    assert page.count('class="plot"') >= 4
    assert "Is a Dense network right for these vectors?" in page
    assert "NaN" not in page
    assert comparison_table(compared).row_count == len(SYSTEMS)


def test_a_test_file_that_is_the_training_file_is_said_first(few: Path) -> None:
    file = str(few / "train.parquet")
    outcome = compare(file, file, systems=["cosine"], seeds=1, settings=SETTINGS, runs=str(few / "leaky"))
    told = read_json(Path(outcome["run"]) / "compare.json")["recommendation"][0]
    assert told == (
        "160 of 160 test pairs (100.0%) stand in the training file too, and too few others are left to judge by. The "
        "figures show what was learnt by heart, not what new pairs will get."
    )
    assert told in (Path(outcome["run"]) / "compare.html").read_text()


def test_finished_fits_are_not_made_again(compared: dict, few: Path) -> None:
    before = kept(few)
    again = run_compare(few, settings=SETTINGS.model_copy(update={"objective": "f1", "minimum_auc": 0.9}))
    assert kept(few) == before
    auc = {system["name"]: system["test_auc"] for system in again["systems"]}
    assert auc == {system["name"]: system["test_auc"] for system in compared["systems"]}


def test_altered_and_lost_fits_are_made_again(compared: dict, few: Path) -> None:
    store = few / "runs" / ".fits"
    before = kept(few)
    altered, lost = sorted(before)[:2]
    (store / altered / "train_scores.parquet").write_bytes(b"else")
    (store / lost / "model.keras").unlink()
    assert not is_kept(store / altered)
    assert not is_kept(store / lost)
    run_compare(few)
    after = kept(few)
    assert {name for name in before if after[name] != before[name]} == {altered, lost}
    assert all(is_kept(store / name) for name in after)


def test_a_whole_fit_is_a_cached_state(compared: dict, few: Path) -> None:
    folder = next((few / "runs" / ".fits").iterdir())
    job = FitJob(name="any", system="wide", seed=0, share=1.0, folder=str(folder)).model_dump()

    @flow
    def twice() -> list[str]:
        return [fit_system.task(job, str(few), return_state=True).name for _ in range(2)]

    assert twice()[1] == "Cached"


def test_P02_a_key_is_of_everything_a_fit_reads() -> None:
    keys = [
        fit_key("a", SETTINGS, 0, 1.0),
        fit_key("b", SETTINGS, 0, 1.0),
        fit_key("a", SETTINGS.model_copy(update={"head": "wide"}), 0, 1.0),
        fit_key("a", SETTINGS.model_copy(update={"seed": 1}), 0, 1.0),
        fit_key("a", SETTINGS.model_copy(update={"epochs": 4}), 0, 1.0),
        fit_key("a", SETTINGS, 1, 1.0),
        fit_key("a", SETTINGS, 0, 0.5),
    ]
    assert len(set(keys)) == len(keys)
    assert fit_key("a", SETTINGS.model_copy(update={"objective": "f1"}), 0, 1.0) == keys[0]


def test_seen_scores_are_of_a_member_that_trained_on_the_row() -> None:
    scores = np.array([[0, 1, 2, 3], [10, 11, 12, 13]], np.float32)
    np.testing.assert_array_equal(seen_scores(scores, np.array([0, 1, -1, 0])), [10, 1, 2, 13])
    np.testing.assert_array_equal(seen_scores(scores[:1], np.array([-1, 0, -1, 0])), [0, np.nan, 2, np.nan])


def test_unknown_systems_and_changed_networks_are_refused(few: Path) -> None:
    for values, message in (
        ({"systems": ["siamese"]}, "systems: expected some of"),
        ({"settings": Settings(units=(3,))}, "own network settings"),
    ):
        runs = few / "refused"
        with pytest.raises(SettingsError, match=message):
            run_compare(few, runs=str(runs), **values)
        assert not runs.exists()
