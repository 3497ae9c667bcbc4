"""Has the data moved away from what the model was trained on: a verdict over all columns, with its evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twinflow.baselines import cosine
from twinflow.columns import PairColumns
from twinflow.cuts import Floats, Ints
from twinflow.pairs import Pairs, number_items
from twinflow.two_samples import CORRECTION, TEST, Comparison, compare_columns, compare_dependence, corrected, worth_of

MINIMUM_ROWS = 100  # in either sample: with fewer, a shift of EFFECT is mostly missed
EFFECT = 0.2  # standard deviations; Cohen (1988) calls it small, and smaller ones do not count at any sample size
HALF_ROWS = 2_500  # most rows of a half in which dependence is sought or tested
MINIMUM_HALF = 30

# Chances of an alarm where nothing has moved; they add up to 0.05 at most.
COLUMNS_ALPHA = 0.02  # false discovery rate over the columns, so the chance of any alarm where none has moved
SCORES_ALPHA = 0.01  # for each of scores and cosine
DEPENDENCE_ALPHA = 0.01


@dataclass(frozen=True)
class _Items:
    """Which vectors of a sample's pairs are equal: numbers (n,), over both sides together."""

    left: Ints
    right: Ints

    @property
    def worth(self) -> float:
        """Independent pairs that a pair is worth, going by the side on which items repeat more."""
        return min(worth_of(self.left), worth_of(self.right))

    def take(self, rows: Ints) -> _Items:
        """The items of some of the pairs."""
        return _Items(self.left[rows], self.right[rows])

    def halves(self) -> tuple[Ints, Ints]:
        """Two random sets of rows that share no item.

        Each item goes to one half, one that occurs once with its partner; a pair whose items part is left out.
        """
        counts = np.bincount(np.concatenate([self.left, self.right]))
        rng = np.random.default_rng(0)
        first, once = rng.random(len(counts)) < 0.5, counts == 1
        left = np.where(once[self.left] & ~once[self.right], first[self.right], first[self.left])
        right = np.where(once[self.right], left, first[self.right])
        one, two = (rng.permutation(np.flatnonzero(half))[:HALF_ROWS] for half in (left & right, ~left & ~right))
        return one, two


def check_drift(
    reference: Pairs,
    current: Pairs,
    columns: PairColumns,
    reference_scores: ArrayLike,
    current_scores: ArrayLike,
    *,
    threshold: float | None = None,
    missing: Collection[str] = (),
) -> dict[str, Any]:
    """Compare current pairs with reference pairs; JSON-able.

    A column, the scores, plain cosine or the dependence between columns has drifted where the effect is at least
    `EFFECT` and the corrected test rejects; a column also where it became, or ceased to be, constant, empty or missing.
    The verdict is "drift" where any of them has. It is "not enough data" where either side has fewer than
    `MINIMUM_ROWS` pairs; nothing is tested then. The tests are the same at every sample size. Pairs that share items
    are not independent: where vectors repeat, a sample counts as fewer rows in the tests.

    Args:
        reference, current: pairs with `columns.side_width` numbers a vector; cells may be NaN.
        reference_scores, current_scores: scores of either, of any length; NaN is left out.
        threshold: `score >= threshold` is called same; None leaves out the share called same.
        missing: vector columns that the current file does not have, their cells being NaN.

    Returns:
        The document of `drift.json`: `verdict`, `reason`, `rows`, `minimum_rows`, `minimum_effect`, `columns`,
        `drifted_columns`, `scores`, `cosine`, `multivariate`, `same_share`, `label_share`, `test`, `correction`. What
        is undefined is None.
    """
    rows = {"reference": len(reference), "current": len(current)}
    scores = [_finite(reference_scores), _finite(current_scores)]
    document: dict[str, Any] = {
        "rows": rows,
        "minimum_rows": MINIMUM_ROWS,
        "minimum_effect": EFFECT,
        "same_share": _shares([None if threshold is None else part >= threshold for part in scores]),
        "label_share": _shares([reference.label, current.label]),
        "test": TEST,
        "correction": CORRECTION,
    }
    if min(rows.values()) < MINIMUM_ROWS:
        side, count = min(rows.items(), key=lambda item: item[1])
        reason = f"{count:,} {side} pairs; at least {MINIMUM_ROWS} are needed"
        nothing = {"effect": None, "p_value": None, "drifted": False}
        return {
            "verdict": "not enough data",
            "reason": reason,
            **document,
            "columns": [],
            "drifted_columns": 0,
            "scores": nothing,
            "cosine": nothing,
            "multivariate": None,
        }
    items = [_Items(*number_items(pairs.left, pairs.right)) for pairs in (reference, current)]
    found = {
        "left": compare_columns(reference.left, current.left, (worth_of(items[0].left), worth_of(items[1].left))),
        "right": compare_columns(reference.right, current.right, (worth_of(items[0].right), worth_of(items[1].right))),
    }
    table = _table(columns, found, missing)
    worth = items[0].worth, items[1].worth
    alone = {
        "scores": _one(scores, worth),
        "cosine": _one([_finite(cosine(pairs.left, pairs.right)) for pairs in (reference, current)], worth),
        "multivariate": _dependence([reference, current], items, found),
    }
    drifted = [row for row in table if row["drifted"]]
    reason = _reason(drifted, len(table), alone)
    moved = bool(drifted) or any(part is not None and part["drifted"] for part in alone.values())
    return {
        "verdict": "drift" if moved else "no drift",
        "reason": reason,
        **document,
        "columns": table,
        "drifted_columns": len(drifted),
        **alone,
    }


def _table(columns: PairColumns, found: dict[str, Comparison], missing: Collection[str]) -> list[dict[str, Any]]:
    sides = {"left": columns.left, "right": columns.right}
    p_values = corrected(np.concatenate([found[side].p_value for side in sides]))
    table: list[dict[str, Any]] = []
    for side, names in sides.items():
        for i, name in enumerate(names):
            p_value = p_values[len(table)]
            state, changed = _state(found[side], i, name in missing)
            effect = found[side].effect[i]
            moved = bool(effect >= EFFECT and p_value <= COLUMNS_ALPHA)  # False where they are NaN
            row = {"column": name, "side": side, "state": state, "effect": _number(effect), "p_value": _number(p_value)}
            table.append({**row, "drifted": changed or moved})
    return table


def _state(found: Comparison, i: int, missing: bool) -> tuple[str, bool]:
    """State of column i, and whether that alone is drift."""
    if missing:
        return "missing", True
    if found.empty[:, i].any():
        return "empty", not found.empty[:, i].all()
    if found.constant[:, i].any():
        return "constant", not (found.constant[:, i].all() and found.first[0, i] == found.first[1, i])
    return "compared", False


def _one(samples: list[Floats], worth: tuple[float, float]) -> dict[str, Any]:
    found = compare_columns(samples[0][:, None], samples[1][:, None], worth)
    _, changed = _state(found, 0, missing=False)
    effect, p_value = _number(found.effect[0]), _number(found.p_value[0])
    moved = effect is not None and p_value is not None and effect >= EFFECT and p_value <= SCORES_ALPHA
    return {"effect": effect, "p_value": p_value, "drifted": changed or moved}


def _dependence(samples: list[Pairs], items: list[_Items], found: dict[str, Comparison]) -> dict[str, Any] | None:
    """How the columns that vary on both sides go together; None where fewer than two do, or too few rows are whole."""
    varying = np.concatenate([~np.isnan(part.effect) for part in found.values()])
    parts, worth = [], []
    for pairs, numbers in zip(samples, items, strict=True):
        halves = [
            _whole_rows(np.hstack([pairs.left[rows], pairs.right[rows]])[:, varying], numbers.take(rows))
            for rows in numbers.halves()
        ]
        if varying.sum() < 2 or min(len(rows) for rows, _ in halves) < MINIMUM_HALF:
            return None
        parts.append((halves[0][0], halves[1][0]))
        worth.append(halves[1][1].worth)
    effects, p_values = compare_dependence(parts[0], parts[1], (worth[0], worth[1]))
    p_values = corrected(p_values)
    moved = (effects >= EFFECT) & (p_values <= DEPENDENCE_ALPHA)
    first = int(np.lexsort((-effects, p_values, ~moved))[0])
    return {
        "test": "spread along the directions in which the correlations differ most, sought on one half of the rows and "
        "tested on the other (Kolmogorov–Smirnov)",
        "directions": len(effects),
        "effect": _number(effects[first]),
        "p_value": _number(p_values[first]),
        "drifted": bool(moved.any()),
    }


def _reason(drifted: list[dict[str, Any]], columns: int, alone: dict[str, Any]) -> str:
    said = []
    if drifted:
        counts = [f"{sum(row['side'] == side for row in drifted)} {side}" for side in ("left", "right")]
        said.append(f"{len(drifted)} of {columns} columns ({', '.join(counts)})")
    named = {"scores": "the scores", "cosine": "plain cosine", "multivariate": "the way columns go together"}
    said += [text for key, text in named.items() if alone[key] is not None and alone[key]["drifted"]]
    if not said:
        return f"no column, score or dependence moved by {EFFECT:g} standard deviations or more beyond chance"
    return f"{', '.join(said)} moved by {EFFECT:g} standard deviations or more, or changed in kind, beyond chance"


def _whole_rows(vectors: NDArray[np.float32], items: _Items) -> tuple[NDArray[np.float32], _Items]:
    """The rows without a cell that isn't finite, and their items."""
    whole = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    return vectors[whole], items.take(whole)


def _shares(parts: list[NDArray[Any] | None]) -> dict[str, float | None]:
    shares = [None if part is None or not len(part) else float(np.mean(part)) for part in parts]
    return {"reference": shares[0], "current": shares[1]}


def _finite(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    return np.asarray(numbers[np.isfinite(numbers)])


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
