"""A new threshold for a trained network: which settings may change, and which pairs may choose it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from twinflow.calibration.calibrate import FEW_PAIRS
from twinflow.errors import CalibrationError, DataError, SettingsError, Violation
from twinflow.settings import Settings, make_settings
from twinflow.statistics.arrays import Labels
from twinflow.system.nearest import meant

CHANGEABLE = (
    *("objective", "target", "confidence", "beta", "cost_false_same", "cost_missed"),
    *("prior", "unscored_share", "resamples"),
)


def recalibrated_settings(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """The settings of a run under another threshold; a new objective drops the former one's target and confidence.

    Raises:
        SettingsError: a change touches what the network was trained with, or can't work.
    """
    if others := [key for key in changes if key not in CHANGEABLE]:
        told = [key if key in Settings.model_fields else f"{key}{meant(key, CHANGEABLE)}" for key in others]
        raise SettingsError(f"settings: expected changes of {', '.join(CHANGEABLE)} alone, found {', '.join(told)}")
    dropped = {"target": None, "confidence": None} if "objective" in changes else {}
    return make_settings({**settings.model_dump(), **dropped, **changes})


def refuse_few(label: Labels, file: str) -> None:
    """Refuse so few pairs of a class that the threshold would be chance.

    Raises:
        CalibrationError: a class has fewer than `FEW_PAIRS`.
    """
    same = int(np.count_nonzero(label == 1))
    if min(same, len(label) - same) < FEW_PAIRS:
        raise CalibrationError(
            f"{file}: expected at least {FEW_PAIRS} same and {FEW_PAIRS} different pairs to choose a threshold on, "
            f"found {same:,} same and {len(label) - same:,} different"
        )


def refuse_known(pairs: pd.DataFrame, file: str, training: pd.DataFrame, test: pd.DataFrame) -> None:
    """Refuse pairs that the network was trained on, or that judge it.

    Args:
        pairs, training, test: scored pairs, of which rows and items are looked at.
        file: where `pairs` come from.

    Raises:
        DataError: a pair stands in the training or the test file, as it is or mirrored.
    """
    found = [
        Violation(file, expected, f"row {known} of the {part} file", int(row))
        for part, scores, expected in (
            ("training", training, "a pair that the network was not trained on"),
            ("test", test, "a pair that does not judge the model"),
        )
        for row, known in _common(pairs, scores)
    ]
    if found:
        raise DataError(sorted(found, key=lambda violation: violation.row or 0))


def known_items(pairs: pd.DataFrame, training: pd.DataFrame, training_rows: int) -> list[str]:
    """Sentences on what pairs and training rows have in common, and on what could not be looked for."""
    known = np.concatenate([training["left_item"], training["right_item"]])
    seen = (pairs["left_item"].isin(known) | pairs["right_item"].isin(known)).mean()
    told = []
    if seen:
        told.append(f"{seen:.1%} of the calibration pairs have an item that the network was trained on.")
    if len(training) < training_rows:
        told.append(
            f"The calibration pairs were compared with {len(training):,} of the {training_rows:,} training pairs; "
            "of the others the run keeps no marks."
        )
    return told


def _common(pairs: pd.DataFrame, scores: pd.DataFrame) -> list[tuple[int, int]]:
    """Rows of pairs that stand in `scores` too, with the row where each stands there first."""
    first: dict[tuple[int, int], int] = {}
    for pair, row in zip(_marks(scores), scores["row"], strict=True):
        first.setdefault(pair, int(row))
    return [(row, first[pair]) for pair, row in zip(_marks(pairs), pairs["row"], strict=True) if pair in first]


def _marks(scores: pd.DataFrame) -> list[tuple[int, int]]:
    """The two items of each pair, the lesser mark first."""
    both = np.sort(scores[["left_item", "right_item"]].to_numpy(np.uint64), axis=1)
    return [(int(one), int(other)) for one, other in both]
