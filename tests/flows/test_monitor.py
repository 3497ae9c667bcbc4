"""A delivery against a published run: the verdict, what the check leaves, who is told."""

import json
import os
import subprocess
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import twinflow
from flows.monitor import monitor
from flows.serving.report_server import ReportServer
from tests.helpers.chromium import CHROMIUM, CHROMIUM_ARGUMENTS, NO_CHROMIUM
from tests.helpers.flow_runs import CHECK_STEPS, events
from twinflow.data.pairs import Pairs
from twinflow.errors import ArtifactError, DataError
from twinflow.monitoring.history import former_checks
from twinflow.monitoring.profile import Profile, check_against
from twinflow.runs.folder import check_run
from twinflow.system.json_files import read_json

FILES = {"drift.html", "drift.json", "evidently.html", "manifest.json", "scores.parquet"}


@pytest.fixture(scope="module")
def test_frame(sample: Path) -> pd.DataFrame:
    return pd.read_csv(sample / "test.csv")


def deliver(frame: pd.DataFrame, path: Path) -> str:
    frame.to_parquet(path, index=False)
    return str(path)


def looked_at(runs: Path, address: str) -> tuple[str, list[str]]:
    """What a browser makes of a served report, and what its console says, as of what the server's policy forbids."""
    assert CHROMIUM, NO_CHROMIUM
    with ReportServer(runs) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        wanted = ["--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", server.url + address]
        ended = subprocess.run([CHROMIUM, *CHROMIUM_ARGUMENTS, *wanted], capture_output=True, text=True, timeout=60)
        server.shutdown()
        thread.join()
    return ended.stdout, [line for line in ended.stderr.splitlines() if "CONSOLE" in line]


def test_drift_is_found_told_and_written_down(run: Path, test_frame: pd.DataFrame, tmp_path: Path) -> None:
    moved = [f"v{i}" for i in range(0, 400, 10)]
    shifted = test_frame.drop(columns="class")
    shifted[moved] += shifted[moved].std()
    file = deliver(shifted, tmp_path / "shifted.parquet")
    outcome = monitor(file, str(run.parent / "current"), str(tmp_path / "checks"))
    check = Path(outcome["run"])
    assert json.loads(json.dumps(outcome, allow_nan=False)) == outcome
    assert (outcome["state"], outcome["verdict"], outcome["model"]) == ("checked", "drift", run.name)
    assert list(outcome["seconds"]) == [*CHECK_STEPS[:-1], "evidently", "conclude"]
    assert {path.name for path in check.iterdir()} == FILES
    assert check_run(check) == check
    document = read_json(check / "drift.json")
    assert {row["column"] for row in document["columns"] if row["drifted"]} >= set(moved)
    assert (check / "drift.html").stat().st_size < 3_000_000
    assert "evidently.html" in (check / "drift.html").read_text()
    assert (check / "evidently.html").stat().st_size < 8_000_000
    if CHROMIUM or "CI" in os.environ:  # as for tests/browser, whose event loop would disturb Prefect here
        text, complaints = looked_at(check.parent, f"{check.name}/evidently.html")
        assert ("twinflow: drift" in text, document["reason"] in text) == (True, True)
        assert ">Detected<" in text
        assert text.count("<svg") > 2 * 5  # of at least five columns, both distributions are drawn
        assert complaints == []
    (payload,) = events("twinflow.drift.detected", "check", str(check))
    assert (payload["check"], payload["drifted_columns"]) == (str(check), outcome["drifted_columns"])


def test_both_pages_of_a_check_say_that_nothing_has_moved(run: Path, test_frame: pd.DataFrame, tmp_path: Path) -> None:
    """evidently counts columns by other tests and limits, and has a verdict of its own."""
    outcome = monitor(deliver(test_frame, tmp_path / "new.parquet"), str(run), str(tmp_path / "checks"))
    check = Path(outcome["run"])
    assert outcome["verdict"] == "no drift"
    assert "Nothing has moved" in (check / "drift.html").read_text()
    page = (check / "evidently.html").read_text()
    assert "twinflow: no drift" in page
    assert "0 of 22 columns here moved" in page
    assert "Dataset Drift is" not in page
    assert '"Detected"' not in page


def test_labels_and_history_count(run: Path, test_frame: pd.DataFrame, tmp_path: Path, without_evidently: None) -> None:
    shuffled, checks = test_frame.sample(frac=1, random_state=0), tmp_path / "checks"
    halves = shuffled[:331], shuffled[331:]
    files = [deliver(half, tmp_path / f"{i}.parquet") for i, half in enumerate(halves)]
    outcomes = [monitor(file, str(run), str(checks)) for file in (*files, files[0])]
    assert [outcome["verdict"] for outcome in outcomes] == ["no drift"] * 3
    documents = [read_json(Path(outcome["run"]) / "drift.json") for outcome in outcomes]
    assert [len(document["history"]) for document in documents] == [1, 2, 3]
    assert [document["performance"]["rows_so_far"] for document in documents] == [331, 662, 662]
    tested = read_json(run / "metrics.json")["test"]
    assert documents[1]["performance"]["accuracy"]["so_far"] == pytest.approx(tested["accuracy"])
    assert outcomes[1]["fallen"] == []
    for document in documents:
        low, high = document["decision"]["estimate"]["figures"]["accuracy_interval"]
        assert low <= document["performance"]["accuracy"]["value"] <= high
    page = (Path(outcomes[0]["run"]) / "drift.html").read_text()
    assert "evidently.html could not be written: ModuleNotFoundError" in page
    assert "pip install" in page
    assert not (Path(outcomes[0]["run"]) / "evidently.html").exists()


def test_odd_columns_are_states_and_no_failure(
    run: Path, test_frame: pd.DataFrame, tmp_path: Path, without_evidently: None
) -> None:
    odd = test_frame.astype(float).assign(v10=np.nan, v12=3.0, extra=1.0).drop(columns="v14")
    odd.loc[::3, "v13"] = np.nan
    odd.loc[odd.index[:5], "class"] = 2.0
    outcome = monitor(deliver(odd, tmp_path / "odd.parquet"), str(run), str(tmp_path / "checks"))
    document = read_json(Path(outcome["run"]) / "drift.json")
    states = {row["column"]: row["state"] for row in document["columns"] if row["drifted"]}
    assert states == {"v10": "empty", "v12": "constant", "v13": "incomplete", "v14": "missing"}
    assert document["quality"]["unexpected_columns"] == ["extra"]
    assert (document["quality"]["odd_labels"], document["quality"]["labelled_rows"]) == (5, len(odd) - 5)
    assert (document["quality"]["unscored_rows"], outcome["called_same"]["found"]) == (662, None)
    assert "662 of 662 pairs could not be scored" in outcome["reason"]
    page = (Path(outcome["run"]) / "drift.html").read_text()
    assert "1 column not in the file: v14." in page


def test_too_few_pairs_are_no_verdict(
    run: Path, test_frame: pd.DataFrame, tmp_path: Path, without_evidently: None
) -> None:
    outcome = monitor(deliver(test_frame[:30], tmp_path / "few.parquet"), str(run), str(tmp_path / "checks"))
    assert outcome["verdict"] == "not enough data"
    assert outcome["reason"] == "30 new pairs; at least 100 are needed"


def test_a_delivery_that_cannot_be_read_is_a_finding(run: Path, tmp_path: Path, without_evidently: None) -> None:
    (tmp_path / "none.csv").write_text("a,b\n1,2\n")
    state = monitor(str(tmp_path / "none.csv"), str(run), str(tmp_path / "checks"), return_state=True)
    outcome = state.result()
    check = Path(outcome["run"])
    assert (state.is_completed(), state.name, outcome["verdict"]) == (True, "Bad delivery", "bad delivery")
    assert outcome["reason"] == "row 1: expected the 400 columns v0 … v399, found 'a', 'b'"
    assert {path.name for path in check.iterdir()} == {"drift.html", "drift.json", "manifest.json"}
    assert check_run(check) == check
    (payload,) = events("twinflow.delivery.refused", "check", str(check))
    assert (payload["problems"], payload["reason"]) == (1, outcome["reason"])
    assert [each["time"] for each in former_checks(check.parent, run.name)] == [check.name.split("-")[0]]


def test_what_cannot_be_checked_is_refused(run: Path, tmp_path: Path, without_evidently: None) -> None:
    state = monitor(str(tmp_path / "none.csv"), str(run), str(tmp_path / "checks"), return_state=True)
    assert isinstance(state.result(raise_on_failure=False), DataError)
    assert not list((tmp_path / "checks").iterdir())
    state = monitor("pairs.csv", str(tmp_path), return_state=True)
    assert isinstance(state.result(raise_on_failure=False), ArtifactError)


def test_sample_does_not_drift_from_itself(run: Path, test_frame: pd.DataFrame) -> None:
    """Its pairs share recordings: with rows for independent ones, 5 of 400 columns would seem to have moved."""
    assert read_json(run / "drift.json")["verdict"] == "no drift"
    verifier, profile = twinflow.load(run), Profile.load(run / "profile.npz")
    new = Pairs.from_frame(test_frame[:300], verifier.settings.columns)
    found, _ = check_against(profile, verifier.network, new, verifier.settings.columns)
    assert (found["verdict"], found["drifted_columns"]) == ("no drift", 0)
    assert (run / "profile.npz").stat().st_size < 4_000_000
