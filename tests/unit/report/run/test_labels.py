"""The labels to check, in the report."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.helpers.html_page import Page
from tests.helpers.report_run import make_run
from twinflow.calibration.calibrate import Calibration
from twinflow.report.run.labels import SHOWN, labels_to_check
from twinflow.report.run.page import run_page
from twinflow.report.run.run_files import read_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("runs"), train_rows=300, test_rows=200)


def test_the_labels_that_are_doubted_most_stand_first(run: Path) -> None:
    read = read_run(run)
    found, scores = labels_to_check(read), read.validation_scores
    probability = Calibration.from_json(read.calibration).probability(scores["score"].to_numpy())
    doubt = np.where(scores["label"] == 1, 1 - probability, probability)
    assert found.doubtful == (doubt >= 0.5).sum() > SHOWN
    assert found.doubted["row"].tolist() == scores["row"].to_numpy()[np.argsort(-doubt, kind="stable")[:SHOWN]].tolist()
    text = Page(run_page(run)).text
    assert f"{found.doubtful} labels of the 300 validation pairs are less probable than the other label" in text
    assert (found.contradicting, found.contradictions) == (0, [])
    assert "Labels that contradict each other" not in text


def test_contradictions_name_their_rows_and_the_most_doubted_of_them(run: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(run, tmp_path / run.name))
    scores = pd.read_parquet(other / "validation_scores.parquet")
    scores.loc[:2, ["left_item", "right_item"]] = np.array([[1, 2], [2, 3], [3, 1]], np.uint64)
    scores.loc[:2, "label"] = np.array([1, 1, 0], np.int8)
    scores.loc[:2, "score"] = [9.0, -9.0, -9.0]  # that the second is same, is what the scores doubt
    scores.insert(0, "pair", [f"<b>{i}" for i in range(len(scores))])
    scores.to_parquet(other / "validation_scores.parquet", index=False)
    found = labels_to_check(read_run(other))
    first, second, third = scores["row"][:3]
    assert (found.contradicting, found.contradictions) == (1, [(third, [second, first], second)])
    assert found.ids == ["pair"]
    html = run_page(other)
    assert f"1 row of {Path(read_run(other).inputs['train']['path']).name} calls two items different" in Page(html).text
    assert "<b>" not in html.split('id="labels"')[1]


def test_labels_that_nothing_speaks_against_are_said_to_be_such(run: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(run, tmp_path / run.name))
    scores = pd.read_parquet(other / "validation_scores.parquet")
    scores["score"] = np.where(scores["label"] == 1, 9.0, -9.0)
    scores.to_parquet(other / "validation_scores.parquet", index=False)
    assert labels_to_check(read_run(other)).doubted.empty
    assert "No label of a validation pair is less probable than the other one." in Page(run_page(other)).text
