"""What `twinflow up` waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployments.schedules import read_deployments
from flows.serving.up import missing_inputs


def test_deployments_wait_for_their_pairs_and_their_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, runs = tmp_path / "data", tmp_path / "runs"
    monkeypatch.setenv("TWINFLOW_DATA", str(data))
    monkeypatch.setenv("TWINFLOW_RUNS", str(runs))
    training = [str(data / name) for name in ("train.csv", "test.csv")]
    new, current = str(data / "new.csv"), str(runs / "current")
    assert dict(missing_inputs(read_deployments())) == {
        "train/train": training,
        "inbox/inbox": [current],
        "monitor/monitor": [new, current],
        "compare/compare": training,
    }
    data.mkdir()
    for path in training:
        Path(path).write_text("")
    assert dict(missing_inputs(read_deployments())) == {"inbox/inbox": [current], "monitor/monitor": [new, current]}
    Path(new).write_text("")
    Path(current).mkdir(parents=True)
    assert dict(missing_inputs(read_deployments())) == {}


def test_an_address_of_a_store_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINFLOW_DATA", "s3://bucket/data")
    monkeypatch.setenv("TWINFLOW_RUNS", "s3://bucket/runs")
    assert dict(missing_inputs(read_deployments())) == {}
