"""What a list of runs tells: by the states' names what came out, by names and tags which run it was."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort

from flows.calibrate import calibrate
from flows.compare import compare
from flows.inbox import inbox
from flows.monitor import monitor
from flows.outcomes import batch_ended, check_ended, inbox_ended
from flows.resume import resume
from flows.train import train
from tests.helpers.flow_runs import events, fail_once
from tests.helpers.small_runs import SETTINGS, WIDTH, kept, pairs
from twinflow.scoring import inbox as files_of
from twinflow.settings import Settings

DAY = re.compile(r" · \d{4}-\d\d-\d\d \d\d:\d\d UTC$")


def newest() -> FlowRun:
    with get_client(sync_client=True) as client:
        (found,) = client.read_flow_runs(sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=1)
        return found


def listed() -> tuple[str, str, list[str]]:
    """Of the newest run, the state's name, its own name without the day, and its tags."""
    found = newest()
    assert found.state
    assert DAY.search(found.name)
    return str(found.state.name), DAY.sub("", found.name), sorted(found.tags)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pairs")
    return {part: kept(pairs(120, seed), folder / f"{part}.csv") for seed, part in enumerate(("digits", "judge"))}


@pytest.fixture(scope="module")
def published(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[State[Any], tuple[Any, ...]]:
    runs = str(tmp_path_factory.mktemp("runs"))
    state = train(files["digits"], files["judge"], SETTINGS, runs, return_state=True)
    return state, listed()


@pytest.fixture
def run(published: tuple[State[Any], Any]) -> Path:
    return Path(published[0].result()["run"])


def test_a_published_run_shows_its_figures(published: tuple[State[Any], Any], run: Path) -> None:
    state, shown = published
    test = state.result()["test"]
    assert shown == ("Published", "train digits.csv · cosine", ["cosine", "digits"])
    assert state.is_completed()
    low, high = test["auc_interval"]
    assert state.message == (
        f"AUC {test['auc']:.3f} ({low:.3f}–{high:.3f}), precision {test['precision']:.3f}, recall {test['recall']:.3f}"
    )
    (payload,) = events("twinflow.model.published", "run", str(run))
    assert payload["auc"] == test["auc"]


def test_a_run_of_what_is_known_shows_as_which(files: dict[str, str], published: Any, run: Path) -> None:
    state = train(files["digits"], files["judge"], SETTINGS, str(run.parent), return_state=True)
    assert listed() == ("Nothing new", "train digits.csv · cosine", ["cosine", "digits"])
    assert state.message == f"as {run.name}: {published[0].message}"


def test_a_rejected_run_shows_why(files: dict[str, str], run: Path) -> None:
    asked = SETTINGS.model_copy(update={"minimum_auc": 1.0})
    state = train(files["digits"], files["judge"], asked, str(run.parent), return_state=True)
    assert (listed()[0], state.is_completed()) == ("Rejected", True)
    assert state.message == " ".join(state.result()["reasons"]) != ""


def test_a_resumed_run_is_tagged_as_it_was_begun(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(monkeypatch, importlib.import_module("flows.train"), "evaluate", KeyError("gone"))
    assert train(files["digits"], files["judge"], SETTINGS, str(tmp_path), return_state=True).is_failed()
    assert listed() == ("Failed", "train digits.csv · cosine", ["cosine", "digits"])
    (begun,) = tmp_path.glob("2*")
    assert resume(str(begun), return_state=True).name == "Published"
    assert listed() == ("Published", f"resume {begun.name}", ["cosine", "digits"])


def test_a_threshold_shows_as_a_run(files: dict[str, str], run: Path, tmp_path: Path) -> None:
    for given, tag in ((None, "digits"), (kept(pairs(300, 7), tmp_path / "later.csv"), "later")):
        state = calibrate(str(run.parent / "current"), given, {"objective": "f1"}, str(tmp_path), return_state=True)
        assert (state.name, state.message[:4]) == ("Published", "AUC ")
        assert listed()[1:] == (f"calibrate {run.name} · f1", sorted(["cosine", tag]))


def test_a_check_shows_its_verdict(run: Path, tmp_path: Path, without_evidently: None) -> None:
    usual = pairs(400, 5)
    (tmp_path / "none.csv").write_text("a,b\n1,2\n")
    moved = usual.assign(v0=usual["v0"] + 9.0)
    for name, frame in {"No drift": usual, "Drift": moved}.items():
        file = kept(frame, tmp_path / "week.48.csv")
        state = monitor(file, str(run), str(tmp_path / "checks"), return_state=True)
        assert (state.is_completed(), state.message) == (True, state.result()["reason"])
        assert listed() == (name, "monitor week.48.csv", ["cosine", "week.48"])
    state = monitor(str(tmp_path / "none.csv"), str(run), str(tmp_path / "checks"), return_state=True)
    assert listed()[0] == "Bad delivery"
    assert state.message.startswith("row 1: expected the 8 columns v0 … v7")


def test_a_comparison_shows_what_to_use(files: dict[str, str], tmp_path: Path) -> None:
    shared = Settings(side_width=WIDTH, folds=2, resamples=100)
    state = compare(files["digits"], files["judge"], ["cosine"], 1, shared, str(tmp_path), return_state=True)
    assert listed() == ("Compared", "compare digits.csv · 1 system", ["digits"])
    assert state.message == "use cosine, of 1 system"


def test_a_round_of_the_inbox_shows_what_came(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_of, "SETTLED_SECONDS", 0)
    folder = tmp_path / "post"
    assert inbox(str(folder), str(run), return_state=True).message == "no file"
    assert listed() == ("Nothing new", "inbox post", ["cosine", "post"])
    kept(pairs(10, 3), folder / "a.csv")
    assert inbox(str(folder), str(run), return_state=True).message == "1 scored"
    assert listed()[0] == "Scored"


@pytest.mark.parametrize(
    ("state", "verdict", "name"),
    [
        ("scored", "no drift", "Scored"),
        ("scored", "not enough data", "Scored"),
        ("scored", "drift", "Drift"),
        ("partly scored", "drift", "Bad delivery"),
    ],
)
def test_a_batch_shows_what_calls_for_someone(state: str, verdict: str, name: str) -> None:
    document = {"state": state, "pairs": 2000, "unscored": 300, "verdict": verdict, "reason": "3 columns"}
    ended = batch_ended(document)
    assert (ended.name, ended.is_completed(), ended.data) == (name, True, document)
    assert ended.message == f"1,700 pairs scored, 300 not; {verdict}: 3 columns"


def test_what_a_file_says_is_harmless_in_a_message() -> None:
    hostile = "<a href=x>https://evil.example</a> @all"
    for ended in (
        check_ended({"verdict": "bad delivery", "reason": hostile}),
        batch_ended({"state": "scored", "pairs": 1, "unscored": 0, "verdict": "drift", "reason": hostile}),
    ):
        assert not re.search(r"[<>@]|://", str(ended.message))
    assert inbox_ended({"states": {"scored": 0, "partly scored": 1, "failed": 0}}).name == "Bad delivery"


@pytest.mark.parametrize(
    ("settings", "head"),
    [
        ({"head": "nonsense"}, "nonsense"),
        ({"units": "x"}, "anchored"),
        ("none", "anchored"),
        ({"head": ["a"]}, "['a']"),
    ],
)
def test_a_run_whose_parameters_are_refused_has_a_name(settings: Any, head: str) -> None:
    assert train("in/<b>.csv", "test.csv", settings, return_state=True).is_failed()
    plain = head.replace("[", "［").replace("]", "］")
    assert listed() == ("Failed", f"train ‹b›.csv · {plain}", sorted([plain, "‹b›"]))


def test_every_flow_names_the_run_whose_parameters_are_refused() -> None:
    from flows.batch import batch

    refused: dict[Any, tuple[list[Any], str]] = {
        batch: ([{}, "out"], "batch {}"),
        calibrate: (["m", None, "f1"], "calibrate m · as before"),
        compare: (["a.csv", "b.csv", "cosine"], "compare a.csv"),
        inbox: ([None], "inbox None"),
        monitor: ([["new.csv"]], "monitor ['new.csv']"),
        resume: ([7], "resume 7"),
    }
    for flow, (given, name) in refused.items():
        assert flow(*given, return_state=True).is_failed()
        plain = name.replace("[", "［").replace("]", "］")
        assert listed()[:2] == ("Failed", plain)


def test_a_long_name_is_cut(files: dict[str, str]) -> None:
    train("x" * 5000, "test.csv", {"head": "y" * 5000}, return_state=True)
    assert listed()[1] == f"train {'x' * 80} · {'y' * 80}"


def test_tags_that_were_there_stay(run: Path, tmp_path: Path, without_evidently: None) -> None:
    from prefect import tags

    file = kept(pairs(20, 1), tmp_path / "new.csv")
    with tags("nightly"):
        monitor(file, str(run), str(tmp_path), return_state=True)
    assert listed()[2] == ["cosine", "new", "nightly"]
