"""Whether pairs have drifted from those that a model was trained on: a verdict over all columns, with its evidence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twinflow.data.columns import PairColumns
from twinflow.data.items import items_of_pairs
from twinflow.data.pairs import Pairs
from twinflow.data.similarity import cosine
from twinflow.statistics.arrays import Floats
from twinflow.statistics.items import Items, effective_share
from twinflow.statistics.two_samples import CORRECTION, TEST, Comparison, compare_columns, compare_dependence, corrected

MINIMUM_ROWS = 100  # in either sample: with fewer, a shift of EFFECT is mostly missed
MINIMUM_HALF = 30
EFFECT = 0.2  # standard deviations; Cohen (1988) calls it small, and smaller ones do not count at any sample size
EMPTIED = 0.05  # share of a column's cells that may go missing; a pair with such a cell can't be scored

# Chances of a false alarm, drift found where nothing has moved; they add up to 0.05 at most.
COLUMNS_ALPHA = 0.02  # false discovery rate over the columns, so the chance of a false alarm in any of them
DEPENDENCE_ALPHA = 0.01
EMBEDDINGS_ALPHA = 0.005
SCORES_ALPHA = 0.005  # for each of scores, cosine and share of same

NAMED = {
    "scores": "the scores",
    "cosine": "plain cosine",
    "multivariate": "the way columns go together",
    "embeddings": "the embeddings",
    "labels": "the share of same",
}

Sides = tuple[NDArray[np.float32], NDArray[np.float32]]


def check_drift(
    reference: Pairs,
    pairs: Pairs,
    columns: PairColumns,
    reference_scores: ArrayLike,
    scores: ArrayLike,
    *,
    threshold: float | None = None,
    missing: Collection[str] = (),
    embeddings: tuple[Sides, Sides] | None = None,
    labels: tuple[ArrayLike, ArrayLike] | None = None,
) -> dict[str, Any]:
    """Compare new pairs with reference pairs, those that the model was trained on; JSON-able.

    A column, the scores, plain cosine, the share of same, the dependence between columns or the embeddings have drifted
    where the effect is at least `EFFECT` and the corrected test rejects; a column also where it became, or ceased to
    be, constant, empty, missing or incomplete (`EMPTIED`). The verdict is "drift" where any of them has. It is "not
    enough data" where either side has fewer than `MINIMUM_ROWS` pairs; nothing is tested then. The tests are the same
    at every sample size. Pairs that share items are not independent: where vectors repeat, a sample counts as fewer
    rows in the tests.

    Args:
        reference, pairs: pairs with `columns.side_width` numbers a vector; cells may be NaN.
        reference_scores, scores: scores of the pairs, (n,) each, NaN where a pair has none.
        threshold: `score >= threshold` is called same; None leaves out the share called same.
        missing: vector columns that the new file does not have, their cells being NaN.
        embeddings: of the reference and the new pairs, (left, right) each, (n, c); NaN where a pair has none.
        labels: of the reference and the new pairs, (n,) each, NaN where unknown; None: the pairs' own.

    Returns:
        The document of `drift.json`: `verdict`, `reason`, `rows`, `minimum_rows`, `minimum_effect`, `columns`,
        `drifted_columns`, `scores`, `cosine`, `labels`, `multivariate`, `embeddings`, `same_share`, `label_share`,
        `test`, `correction`. What is undefined is None.
    """
    rows = {"reference": len(reference), "pairs": len(pairs)}
    scored = [np.asarray(part, dtype=np.float64) for part in (reference_scores, scores)]
    if labels is None and reference.label is not None and pairs.label is not None:
        labels = reference.label, pairs.label
    truth = None if labels is None else [np.asarray(part, dtype=np.float64) for part in labels]
    called = [None if threshold is None else part[np.isfinite(part)] >= threshold for part in scored]
    document: dict[str, Any] = {
        "rows": rows,
        "minimum_rows": MINIMUM_ROWS,
        "minimum_effect": EFFECT,
        "same_share": _shares(called),
        "label_share": _shares([None, None] if truth is None else [part[np.isfinite(part)] for part in truth]),
        "test": TEST,
        "correction": CORRECTION,
    }
    if min(rows.values()) < MINIMUM_ROWS:
        sample, count = min(rows.items(), key=lambda item: item[1])
        kind = "reference" if sample == "reference" else "new"
        reason = f"{count:,} {kind} pairs; at least {MINIMUM_ROWS} are needed"
        alone = {**dict.fromkeys(NAMED), "scores": _nothing(), "cosine": _nothing()}
        return {
            "verdict": "not enough data", "reason": reason, **document, "columns": [], "drifted_columns": 0, **alone
        }  # fmt: skip
    samples = [reference, pairs]
    items = [items_of_pairs(sample) for sample in samples]
    found = {
        "left": compare_columns(
            reference.left, pairs.left, (effective_share(items[0].left), effective_share(items[1].left))
        ),
        "right": compare_columns(
            reference.right, pairs.right, (effective_share(items[0].right), effective_share(items[1].right))
        ),
    }
    table = _table(columns, found, missing)
    parts = {
        "scores": _one(scored, items),
        "cosine": _one([cosine_of(sample) for sample in samples], items),
        "multivariate": _dependence(samples, items, found),
        "embeddings": None if embeddings is None else _embeddings(embeddings, items),
        "labels": None if truth is None else _one(truth, items),
    }
    drifted = [row for row in table if row["drifted"]]
    moved = bool(drifted) or any(part is not None and part["drifted"] for part in parts.values())
    return {
        "verdict": "drift" if moved else "no drift",
        "reason": _reason(drifted, len(table), parts),
        **document,
        "columns": table,
        "drifted_columns": len(drifted),
        **parts,
    }


def _table(columns: PairColumns, found: dict[str, Comparison], missing: Collection[str]) -> list[dict[str, Any]]:
    sides = {"left": columns.left, "right": columns.right}
    p_values = corrected(np.concatenate([found[side].p_value for side in sides]))
    table: list[dict[str, Any]] = []
    for side, names in sides.items():
        for i, name in enumerate(names):
            p_value, effect = p_values[len(table)], found[side].effect[i]
            state, changed = _state(found[side], i, name in missing)
            moved = bool(effect >= EFFECT and p_value <= COLUMNS_ALPHA)  # False where they are NaN
            row = {
                "column": name,
                "side": side,
                "state": state,
                "effect": _number(effect),
                "p_value": _number(p_value),
                "missing_share": float(found[side].missing[1, i]),
            }
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
    if found.missing[1, i] - found.missing[0, i] > EMPTIED:
        return "incomplete", True
    return "compared", False


def _one(samples: list[Floats], items: list[Items]) -> dict[str, Any]:
    """A number a pair, (n,) in each sample; what is not finite is left out."""
    kept = [np.isfinite(sample) for sample in samples]
    shares = [part.take(rows).effective_share for part, rows in zip(items, kept, strict=True)]
    values = [sample[rows][:, None] for sample, rows in zip(samples, kept, strict=True)]
    if min(map(len, values)) < MINIMUM_ROWS:
        return _nothing()
    found = compare_columns(values[0], values[1], (shares[0], shares[1]))
    _, changed = _state(found, 0, missing=False)
    effect, p_value = _number(found.effect[0]), _number(found.p_value[0])
    moved = effect is not None and p_value is not None and effect >= EFFECT and p_value <= SCORES_ALPHA
    return {"effect": effect, "p_value": p_value, "drifted": changed or moved}


def _dependence(samples: list[Pairs], items: list[Items], found: dict[str, Comparison]) -> dict[str, Any] | None:
    """How the columns that vary on both sides go together; None where fewer than two do, or too few rows are whole."""
    varying = np.concatenate([~np.isnan(part.effect) for part in found.values()])
    tested = _directions([np.hstack([pairs.left, pairs.right])[:, varying] for pairs in samples], items)
    if tested is None:
        return None
    return {
        "test": "spread along the directions in which the correlations differ most, sought on one half of the items, "
        "tested on the other (Kolmogorov–Smirnov)",
        "directions": len(tested[0]),
        **_strongest(*tested, DEPENDENCE_ALPHA),
    }


def _embeddings(embeddings: tuple[Sides, Sides], items: list[Items]) -> dict[str, Any] | None:
    """Each component of the embeddings, and how the components go together; None where too few pairs have them."""
    whole = [np.asarray(np.isfinite(np.hstack(sides)).all(axis=1)) for sides in embeddings]
    if min(map(np.count_nonzero, whole)) < MINIMUM_ROWS:
        return None
    kept = [[side[rows] for side in sides] for sides, rows in zip(embeddings, whole, strict=True)]
    numbers = [part.take(rows) for part, rows in zip(items, whole, strict=True)]
    found = [
        compare_columns(kept[0][0], kept[1][0], (effective_share(numbers[0].left), effective_share(numbers[1].left))),
        compare_columns(kept[0][1], kept[1][1], (effective_share(numbers[0].right), effective_share(numbers[1].right))),
    ]
    tested = [(part.effect, part.p_value) for part in found]
    directions = _directions([np.hstack(sides) for sides in kept], numbers)
    effects, p_values = (
        np.concatenate(part) for part in zip(*tested, *([directions] if directions else []), strict=True)
    )
    return {
        "test": "each main component, and the spread along the directions in which their correlations differ most "
        "(Kolmogorov–Smirnov)",
        "components": kept[0][0].shape[1],
        **_strongest(effects, p_values, EMBEDDINGS_ALPHA),
    }


def _directions(samples: list[NDArray[Any]], items: list[Items]) -> tuple[Floats, Floats] | None:
    """Effects and p-values of `compare_dependence` on halves that share no item; None where a half is too small."""
    parts, shares = [], []
    for vectors, numbers in zip(samples, items, strict=True):
        whole = np.isfinite(vectors).all(axis=1)
        halves = [rows[whole[rows]] for rows in numbers.halves()]
        if vectors.shape[1] < 2 or min(map(len, halves)) < MINIMUM_HALF:
            return None
        parts.append((vectors[halves[0]], vectors[halves[1]]))
        shares.append(numbers.take(halves[1]).effective_share)
    return compare_dependence(parts[0], parts[1], (shares[0], shares[1]))


def _strongest(effects: Floats, p_values: Floats, alpha: float) -> dict[str, Any]:
    """The one of several tests that says most, corrected for their number."""
    p_values = corrected(p_values)
    moved = (effects >= EFFECT) & (p_values <= alpha)
    first = int(np.lexsort((-effects, p_values, ~moved))[0])
    return {"effect": _number(effects[first]), "p_value": _number(p_values[first]), "drifted": bool(moved.any())}


def _reason(drifted: list[dict[str, Any]], columns: int, parts: dict[str, Any]) -> str:
    moved = []
    if drifted:
        counts = [f"{sum(row['side'] == side for row in drifted)} {side}" for side in ("left", "right")]
        moved.append(f"{len(drifted)} of {columns} columns ({', '.join(counts)})")
    moved += [text for key, text in NAMED.items() if parts[key] is not None and parts[key]["drifted"]]
    if not moved:
        return f"no column, score or dependence moved by {EFFECT:g} standard deviations or more beyond chance"
    listed = " and ".join(part for part in (", ".join(moved[:-1]), moved[-1]) if part)
    return f"{listed} moved by {EFFECT:g} standard deviations or more, or changed in kind, beyond chance"


def cosine_of(pairs: Pairs) -> Floats:
    """Plain cosine of each pair, (n,); NaN where a cell is not finite."""
    whole = np.isfinite(pairs.left).all(axis=1) & np.isfinite(pairs.right).all(axis=1)
    out = np.full(len(pairs), np.nan)
    out[whole] = cosine(pairs.left[whole], pairs.right[whole])
    return out


def _nothing() -> dict[str, Any]:
    return {"effect": None, "p_value": None, "drifted": False}


def _shares(parts: list[NDArray[Any] | None]) -> dict[str, float | None]:
    shares = [None if part is None or not len(part) else float(np.mean(part)) for part in parts]
    return {"reference": shares[0], "pairs": shares[1]}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
