"""Figures of parts of the test pairs: by how much of a pair the training file knew, and by the id columns."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from twinflow.calibration.calibrate import Calibration
from twinflow.evaluation.metrics import evaluate
from twinflow.settings import Settings
from twinflow.statistics import rates
from twinflow.statistics.items import Items
from twinflow.statistics.threshold_curve import ThresholdCurve

SEEN = ("neither", "one", "both")  # of a pair's items, in the training file
BY_SEEN = "items in the training file"
MOST_VALUES = 12  # of an id column, for it to be a group and not a name
KEPT = (
    *("auc", "auc_interval", "accuracy", "accuracy_interval"),
    *("precision", "precision_interval", "recall", "recall_interval", "confusion", "undefined"),
)


def seen_counts(test: pd.DataFrame) -> dict[str, int]:
    """Test pairs by how many of their items stand in the training file."""
    return {name: int((test["seen"] == sides).sum()) for sides, name in enumerate(SEEN)}


def slices(test: pd.DataFrame, calibration: Calibration, settings: Settings) -> list[dict[str, Any]]:
    """Figures of each part of the test pairs, where there are parts.

    Args:
        test: scored pairs with `seen`.

    Returns:
        `by` (the grouping), `value`, `rows`, `same`, and of `evaluate`'s figures AUC, accuracy, precision and recall
        with the `cosine_auc` beside them; what is undefined is None, and `undefined` says why by name.
    """
    return [_slice(part, by, value, calibration, settings) for by, value, part in _parts(test, settings.ids)]


def _parts(test: pd.DataFrame, ids: tuple[str, ...]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    if test["seen"].nunique() > 1:
        for sides, part in test.groupby("seen"):
            yield BY_SEEN, SEEN[int(str(sides))], part
    for name in ids:
        if 1 < test[name].nunique(dropna=False) <= MOST_VALUES:
            for value, part in test.groupby(name, dropna=False):
                yield name, str(value), part


def _slice(part: pd.DataFrame, by: str, value: str, calibration: Calibration, settings: Settings) -> dict[str, Any]:
    label = part["label"].to_numpy()
    items = Items.of_marks(part["left_item"], part["right_item"])
    figures = evaluate(label, part["score"].to_numpy(), calibration, settings.resamples, settings.seed, items)
    plain = float(rates.area_under_curve(ThresholdCurve.of(part["cosine"], label).confusion()))
    return {
        "by": by,
        "value": value,
        "rows": len(part),
        "same": int(np.count_nonzero(label)),
        **{name: figures[name] for name in KEPT},
        "cosine_auc": None if np.isnan(plain) else plain,
    }
