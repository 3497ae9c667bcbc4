"""A run that was interrupted is finished by another flow run, and nothing that was done is done again."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

import twinflow.report.run.page
from flows.resume import resume
from flows.train import train
from tests.helpers.flow_runs import QUICK, fail_once
from twinflow.runs.folder import check_run, new_run, point_current
from twinflow.runs.registry import list_runs
from twinflow.system.json_files import read_json


def test_what_is_left_is_done_and_judged_anew_where_another_run_became_current(
    files: tuple[str, str], tmp_path: Path, steps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given, runs = str(shutil.copy(files[0], tmp_path)), tmp_path / "runs"
    fail_once(monkeypatch, twinflow.report.run.page, "run_page", RuntimeError("once"))
    assert train(given, files[1], QUICK, str(runs), return_state=True).is_failed()
    (interrupted,) = list_runs(runs)
    assert interrupted.state == "unfinished"
    assert steps["gate"] == 1

    whole = Path(given).read_bytes()
    Path(given).write_bytes(whole + b"one more")
    refused = resume(str(interrupted.folder), return_state=True)
    assert refused.message.startswith(f"{given}: expected SHA-256 ")
    assert ", with which the run was begun, found " in refused.message
    Path(given).write_bytes(whole)

    meanwhile = new_run(runs)
    point_current(meanwhile)
    outcome = resume(str(interrupted.folder))
    assert (outcome["state"], outcome["run"]) == ("published", str(interrupted.folder))
    again = {"gate": 2, "reopen": 1, "report": 1, "publish": 1}
    assert {step: count for step, count in steps.items() if step in again or count != 1} == again
    assert read_json(interrupted.folder / "gate.json")["current"] == meanwhile.name
    check_run(runs / "current")
