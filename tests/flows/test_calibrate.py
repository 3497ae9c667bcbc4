"""Another threshold for a trained network: what changes, what stays, which pairs are turned away."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prefect.logging import disable_run_logger

from flows.calibrate import calibrate
from tasks.calibrate.judge import regate
from twinflow import load
from twinflow.calibration.document import chosen_on_members
from twinflow.errors import ArtifactError, CalibrationError, DataError, SettingsError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import network_sha256
from twinflow.runs.folder import check_run, point_current, seal
from twinflow.system.files import sha256
from twinflow.system.json_files import read_json, write_json


@pytest.fixture(scope="module")
def new_pairs(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 pairs that stand in neither file: those of the test file with a little noise."""
    frame = pd.read_csv(sample / "test.csv").iloc[:300]
    vectors = [column for column in frame if column != "class"]
    frame[vectors] += np.random.default_rng(0).normal(scale=0.01, size=(300, len(vectors)))
    path = tmp_path_factory.mktemp("new") / "new.parquet"
    frame.to_parquet(path, index=False)
    return path


def files(run: Path) -> dict[str, str]:
    return read_json(run / "manifest.json")["files"]


def test_another_objective_on_the_same_scores(run: Path, tmp_path: Path) -> None:
    before = files(run)
    outcome = calibrate(str(run), None, {"objective": "f-beta", "beta": 3.0}, str(tmp_path / "runs"), "recall")
    made = check_run(Path(outcome["run"]))
    assert (made.parent / "current").resolve() == made
    assert made.name.endswith("-recall")
    check_run(run)
    assert files(run) == before
    same = {name for name in before if files(made).get(name) == before[name]}
    assert {"model.keras", "validation_scores.parquet", "history.csv", "record.json", "map.json"} <= same
    assert same.isdisjoint({"calibration.json", "settings.yaml", "inputs.json", "report.html", "metrics.json"})
    assert "timings.json" not in same

    scores = pd.read_parquet(made / "validation_scores.parquet")
    called = scores["score"].to_numpy() >= np.unique(scores["score"])[:, None]
    right = (called & (scores["label"] == 1).to_numpy()).sum(axis=1)
    best = np.max(10 * right / (9 * scores["label"].sum() + called.sum(axis=1)))  # F with β = 3
    metrics = read_json(made / "metrics.json")
    assert read_json(made / "calibration.json")["objective_value"] == pytest.approx(best)
    assert metrics["test"]["threshold"] == outcome["threshold"] == load(made).calibration.threshold
    assert metrics["test"]["auc"] == read_json(run / "metrics.json")["test"]["auc"]
    test = pd.read_parquet(made / "test_scores.parquet")
    assert (test["same"] == (test["score"].astype(float) >= outcome["threshold"])).all()
    assert read_json(made / "drift.json") == read_json(run / "drift.json")


def test_pairs_of_their_own_choose_the_threshold(run: Path, new_pairs: Path, tmp_path: Path) -> None:
    changes = {"objective": "tar-at-far", "target": 0.3, "confidence": 0.9}
    outcome = calibrate(str(run), str(new_pairs), changes, str(tmp_path))
    made = Path(outcome["run"])
    calibration, inputs = (read_json(made / f"{name}.json") for name in ("calibration", "inputs"))
    assert calibration["scores_from"] == "new pairs"
    assert calibration["rows"] == inputs["calibration"]["rows"] == 300
    assert calibration["data_sha256"] == {"calibration": sha256(new_pairs)}
    assert calibration["guarantee"].startswith("false accept rate at most 0.3 on pairs drawn independently")
    assert calibration["network_sha256"] == network_sha256(run / "model.keras")
    assert inputs["network_of"] == run.name
    scores = pd.read_parquet(made / "validation_scores.parquet")
    stored = pd.read_parquet(made / "test_scores.parquet")["score"][:300]
    assert np.corrcoef(scores["score"], stored)[0, 1] > 0.99  # the mean of the members, as new pairs get it
    assert "scores of pairs that the network never saw" in (made / "report.html").read_text()
    kept = pd.read_parquet(made / "training_scores.parquet")
    assert kept.equals(pd.read_parquet(run / "validation_scores.parquet"))
    assert not any("single members" in warning for warning in calibration["warnings"])


def regated(run: Path, **changed: object) -> dict:
    """The verdict on a copy of a run whose former one is as in `gate.json`, but for `changed`."""
    before = read_json(run / "gate.json") | {"reasons": ["It was bad."], "passed": False} | changed
    write_json(run / "gate.json", before)
    current = run.parent / "current"
    write_json(
        run / "inputs.json", {**read_json(run / "inputs.json"), "former_threshold": load(run).calibration.threshold}
    )
    with disable_run_logger():
        regate.task.fn(str(run), str(current.resolve()) if current.exists() else None, False)
    return read_json(run / "gate.json")


def test_a_threshold_takes_no_network_past_the_gate(run: Path, own_run: Path) -> None:
    found = regated(own_run)
    assert (found["passed"], found["current"], found["compared"]) == (True, None, "there is no current model")

    current = Path(shutil.copytree(run, own_run.parent / "other"))
    point_current(current)
    found = regated(own_run)
    assert (found["passed"], found["current"], found["compared"]) == (True, "other", "the network is that of other")

    def edit(name: str, key: str, value: object) -> None:
        write_json(current / name, {**read_json(current / name), key: value})
        seal(current)

    TwinNetwork("cosine", HEADS["cosine"].defaults, 200).save(current / "model.keras")
    scores = pd.read_parquet(current / "test_scores.parquet")
    scores.assign(score=scores["label"].astype("float32")).to_parquet(current / "test_scores.parquet")
    seal(current)
    found = regated(own_run)
    assert found["compared"] == "held against other by its stored test scores"
    assert [reason.split(":")[0] for reason in found["reasons"]] == ["It is worse than the current model"]

    edit("inputs.json", "test", {"sha256": "0" * 64})
    found = regated(own_run)
    assert found["compared"] == "other was judged by another test file"
    assert (found["passed"], found["reasons"]) == (False, ["It was bad."])


def test_a_limit_on_out_of_fold_scores_is_qualified() -> None:
    assert "single members" in chosen_on_members(0.01, "out-of-fold")[0]
    assert chosen_on_members(0.01, "new pairs") == chosen_on_members(None, "out-of-fold") == []


def test_known_pairs_are_turned_away_by_row(run: Path, sample: Path, new_pairs: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(new_pairs)
    train, test = (pd.read_csv(sample / f"{name}.csv") for name in ("train", "test"))
    swapped = train.iloc[[8]].rename(
        columns=lambda name: f"v{(int(name[1:]) + 200) % 400}" if name != "class" else name
    )
    mixed = pd.concat([frame, swapped[list(frame)], test.iloc[[4]]], ignore_index=True)
    mixed.to_parquet(tmp_path / "mixed.parquet", index=False)
    state = calibrate(str(run), str(tmp_path / "mixed.parquet"), {}, str(tmp_path / "runs"), return_state=True)
    error = state.result(raise_on_failure=False)
    assert isinstance(error, DataError)
    assert str(error) == (
        f"{tmp_path}/mixed.parquet, row 302: expected a pair that the network was not trained on, "
        f"found row 10 of the training file\n"
        f"{tmp_path}/mixed.parquet, row 303: expected a pair that does not judge the model, "
        f"found row 6 of the test file"
    )
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"head": "cosine"}, SettingsError, "expected changes of objective, target, .* alone, found head"),
        ({"objective": "tar-at-far"}, SettingsError, "target: expected a number with objective 'tar-at-far'"),
        (
            {"objective": "recall-at-precision", "target": 0.999, "confidence": 0.999},
            CalibrationError,
            "expected a threshold that has precision at least 0.999 with confidence 0.999",
        ),
    ],
)
def test_refusals_leave_nothing(run: Path, tmp_path: Path, changes: dict, error: type, message: str) -> None:
    state = calibrate(str(run), None, changes, str(tmp_path / "runs"), return_state=True)
    with pytest.raises(error, match=message):
        state.result()
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


def test_a_foreign_calibration_is_refused_in_scoring(own_run: Path) -> None:
    """Every file is as the manifest lists it, yet the calibration is another network's."""
    document = read_json(own_run / "calibration.json")
    write_json(own_run / "calibration.json", {**document, "network_sha256": "0" * 64})
    seal(own_run)
    with pytest.raises(ArtifactError, match="expected the network that was calibrated"):
        load(own_run)


def test_prior_moves_probabilities_and_no_decision(run: Path, sample: Path, tmp_path: Path) -> None:
    from twinflow.scoring.files import score_file

    shutil.copy(sample / "test.csv", tmp_path / "pairs.csv")
    verifier, frames = load(run), {}
    for prior in (None, 0.5, 0.01):
        one = verifier if prior is None else verifier.at_prior(prior)
        score_file(one, tmp_path / "pairs.csv", tmp_path / "out.parquet")
        frames[prior] = pd.read_parquet(tmp_path / "out.parquet")
    odds = {prior: frame["probability"] / (1 - frame["probability"]) for prior, frame in frames.items()}
    np.testing.assert_allclose(np.log(odds[0.5] / odds[0.01]), np.log(99), rtol=1e-4)
    assert frames[0.01]["same"].equals(frames[None]["same"])
    assert frames[0.01]["score"].equals(frames[None]["score"])
    with pytest.raises(SettingsError, match="prior: expected a share between 0 and 1, found 1"):
        verifier.at_prior(1.0)
