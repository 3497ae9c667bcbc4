"""ROC curves of stored scores, whatever stands in the file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import auc, roc_auc_score

from twinflow.report.index import roc_plot
from twinflow.report.index.roc_plot import POINTS, Curve, curve_of, roc_curves

GOOD = {"label": [0.0, 1.0], "score": [0.1, 0.9]}


def stored(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "test_scores.parquet"
    pd.DataFrame(columns).to_parquet(path, index=False)
    return path


def test_the_curve_is_that_of_the_scores_and_not_too_fine(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 5000)
    score = (label + rng.normal(size=5000)).astype(np.float32)
    curve = curve_of(stored(tmp_path, {"label": label.astype(np.int8), "score": score}))
    assert curve is not None
    assert len(curve.far) == len(curve.recall) == POINTS
    assert (curve.far[0], curve.recall[0], curve.far[-1], curve.recall[-1]) == (1, 1, 0, 0)
    assert auc(curve.far, curve.recall) == pytest.approx(roc_auc_score(label, score), abs=0.001)


@pytest.mark.parametrize(
    "columns",
    [
        {"label": [0.0, 1.0]},
        {"label": [0.0, 0.0], "score": [0.1, 0.9]},
        {"label": [0.0, 2.0], "score": [0.1, 0.9]},
        {"label": [0.0, None], "score": [0.1, 0.9]},
        {"label": [0.0, 1.0], "score": [0.1, np.nan]},
        {"label": [0.0, 1.0], "score": [0.1, np.inf]},
        {"label": ["0", "1"], "score": [0.1, 0.9]},
        {"label": [0.0, 1.0], "score": ["0.1", "0.9"]},
        {"label": [0.0, 1.0], "score": [[0.1], [0.9]]},
        {"label": [], "score": []},
    ],
)
def test_what_has_no_curve_has_none(columns: dict[str, Any], tmp_path: Path) -> None:
    assert curve_of(stored(tmp_path, columns)) is None


def test_a_file_that_is_none_of_ours_has_no_curve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "test_scores.parquet"
    assert curve_of(path) is None
    path.write_bytes(b"PAR1 torn PAR1")
    assert curve_of(path) is None
    path.unlink()
    os.mkfifo(path)
    assert curve_of(path) is None
    path.unlink()
    path.mkdir()
    assert curve_of(path) is None
    path.rmdir()
    assert curve_of(stored(tmp_path, GOOD)) is not None
    monkeypatch.setattr(roc_plot, "MOST_ROWS", 1)
    assert curve_of(path) is None


def test_the_plot_says_what_it_shows_and_tells_the_runs_apart() -> None:
    better, worse = (
        Curve(np.array([1, 0.1, 0]), np.array([1, 0.9, 0])),
        Curve(np.array([1.0, 0.0]), np.array([1.0, 0.0])),
    )
    plot = roc_curves([("one", better), ("<b>", worse)])
    assert plot.alt.endswith(
        "where one in ten different pairs is called same, one finds 90.0% and <b> finds 10.0% of the same ones."
    )
    assert [(key.text, key.mark) for key in plot.keys] == [("one", "line"), ("<b>", "dashed")]
    assert "<b>" not in plot.svg()
    (key,) = roc_curves([("one", better)]).keys
    assert key.text == "one"
