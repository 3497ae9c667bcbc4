"""The ROC curves of runs in one plot."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from twinflow.errors import ArtifactError
from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas, unit_axes
from twinflow.report.shared.palette import LIGHT
from twinflow.statistics import rates
from twinflow.statistics.arrays import Floats
from twinflow.statistics.numbers import percent
from twinflow.statistics.threshold_curve import ThresholdCurve
from twinflow.system.files import open_file, refused_if_damaged

MOST_ROWS = 5_000_000
POINTS = 400  # of a drawn curve; more don't show
LINES = (("blue", "line", "-"), ("rust", "dashed", (0, (4, 2))))  # of the first and the second run


class Curve(NamedTuple):
    """False accept rate and recall at each threshold, (m,)."""

    far: Floats
    recall: Floats


def curve_of(scores: Path) -> Curve | None:
    """The curve of a run's test scores; None where they can't be read, are too many, or are of one class."""
    try:
        with refused_if_damaged(scores, "scores of test pairs"):
            label, score = _labels_and_scores(scores)
    except ArtifactError:
        return None
    if not (np.isfinite(score).all() and {*np.unique(label)} == {0.0, 1.0}):
        return None
    confusion = ThresholdCurve.of(score, label).confusion()
    far, recall = rates.false_accept_rate(confusion), rates.recall(confusion)
    kept = np.unique(np.linspace(0, len(far) - 1, POINTS).astype(int))
    return Curve(far[kept], recall[kept])


def _labels_and_scores(path: Path) -> tuple[Floats, Floats]:
    """Both columns, (n,); a ValueError where they are not numbers, or too many."""
    from pyarrow.parquet import ParquetFile
    from pyarrow.types import is_floating, is_integer

    with open_file(path) as file, ParquetFile(file) as parquet:
        types = [parquet.schema_arrow.field(name).type for name in ("label", "score")]
        if parquet.metadata.num_rows > MOST_ROWS or not all(is_integer(each) or is_floating(each) for each in types):
            raise ValueError("no scores of ours")
        found = parquet.read(columns=["label", "score"]).to_pandas()
    return found["label"].to_numpy(np.float64), found["score"].to_numpy(np.float64)


def roc_curves(curves: list[tuple[str, Curve]]) -> Plot:
    """At most two curves, by the names of their runs."""
    with canvas() as figure:
        axes = add_axes(figure, "different pairs called same", "same pairs found")
        axes.plot([0, 1], [0, 1], color=LIGHT["line"], linewidth=1)
        for (name, curve), (colour, _, style) in zip(curves, LINES, strict=False):
            axes.plot(curve.far, curve.recall, color=LIGHT[colour], linestyle=style, label=name)
        unit_axes(axes, 0, 1)
    found = [f"{name} finds {percent(float(np.interp(0.1, c.far[::-1], c.recall[::-1])))}" for name, c in curves]
    return Plot(
        "roc-curves",
        "",
        f"ROC curves; where one in ten different pairs is called same, {' and '.join(found)} of the same ones.",
        axes,
        tuple(Key(colour, name, mark) for (name, _), (colour, mark, _) in zip(curves, LINES, strict=False)),
    )
