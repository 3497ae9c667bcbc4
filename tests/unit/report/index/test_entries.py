"""What the list of reports says of runs, checks and comparisons, whatever their documents hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.report_run import make_run
from twinflow.report.index.entries import entries
from twinflow.report.index.page import index_page
from twinflow.system.json_files import read_json, write_json

CHECK, COMPARISON = "monitor/20260102T030405Z-0a0a0a-check", "20260103T030405Z-0b0b0b-compare"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    run = make_run(folder, train_rows=600, test_rows=300)
    (folder / "current").symlink_to(run.name)
    file = {"path": "data/monday <b>.csv"}
    for name, document, content in (
        (CHECK, "drift.json", {"verdict": "no drift", "model": {"run": run.name}, "file": file}),
        (COMPARISON, "compare.json", {"headline": "Use anchored"}),
    ):
        (folder / name).mkdir(parents=True)
        write_json(folder / name / document, content)
    write_json(folder / COMPARISON / "inputs.json", {"test": {"path": "data/test.csv"}})
    return folder


@pytest.fixture
def addresses(runs: Path) -> list[str]:
    (run,) = (path.name for path in runs.glob("2025*"))
    return [f"{CHECK}/drift.html", f"{CHECK}/evidently.html", f"{COMPARISON}/compare.html", f"{run}/report.html"]


def test_each_report_tells_what_came_of_it(runs: Path, addresses: list[str]) -> None:
    check, comparison, run = entries(runs, addresses)
    gate, test = (read_json(runs / run.name / name) for name in ("gate.json", "metrics.json"))
    assert (run.kind, run.state, run.trust) == ("run", "current", gate["trust"]["verdict"])
    assert (run.auc, run.auc_interval) == (test["test"]["auc"], tuple(test["test"]["auc_interval"]))
    assert (run.data, run.head, run.checks, run.when) == ("train.csv", "anchored", 1, "2025-11-25 15:30")
    assert (check.kind, check.state, check.model, check.data) == ("check", "no drift", run.name, "monday <b>.csv")
    assert check.reports == tuple(addresses[:2])
    assert (comparison.kind, comparison.state, comparison.data) == ("comparison", "Use anchored", "test.csv")


def test_a_run_that_is_not_current_was_kept_or_rejected(runs: Path, addresses: list[str], tmp_path: Path) -> None:
    other = Path(shutil.copytree(runs / entries(runs, addresses)[-1].name, tmp_path / "20260101T000000Z-0c0c0c"))
    for passed, state in ((True, "kept"), (False, "rejected")):
        write_json(other / "gate.json", {"passed": passed, "reasons": [], "trust": 5})
        (found,) = entries(tmp_path, [f"{other.name}/report.html"])
        assert (found.state, found.trust) == (state, None)


@pytest.mark.parametrize("content", ["{}", "[]", "torn", '{"test": {"auc": "<b>", "auc_interval": [1]}}', "{\n"])
def test_what_can_not_be_read_is_left_empty(content: str, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for name in ("gate.json", "metrics.json", "inputs.json", "settings.yaml", "drift.json", "compare.json"):
        (tmp_path / "run" / name).write_text(content)
    for report in ("report.html", "drift.html", "compare.html"):
        (found,) = entries(tmp_path, [f"run/{report}"])
        assert (found.trust, found.auc, found.auc_interval, found.data, found.when) == (None,) * 5
        assert "run" in index_page(tmp_path, [f"run/{report}"])


def test_names_are_text(runs: Path, addresses: list[str]) -> None:
    page = index_page(runs, addresses)
    assert "monday &lt;b&gt;.csv" in page
    assert "<b>" not in page


def test_no_report_is_said(tmp_path: Path) -> None:
    assert "None yet." in index_page(tmp_path, [])
