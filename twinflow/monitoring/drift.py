"""Whether pairs have drifted from those that a model was trained on: a verdict over all columns, with its evidence."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from twinflow.data.columns import PairColumns
from twinflow.data.items import items_of_pairs
from twinflow.data.pairs import Pairs
from twinflow.data.similarity import cosine_of
from twinflow.statistics.arrays import Array, Floats, Vectors
from twinflow.statistics.items import Items, effective_share
from twinflow.statistics.two_samples import (
    CORRECTION,
    EFFECT,
    TEST,
    Comparison,
    compare_columns,
    compare_dependence,
    corrected,
)

MINIMUM_ROWS = 100  # in either sample: with fewer, a shift of EFFECT is mostly missed
MINIMUM_HALF = 30
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

Part = TypeVar("Part")
Sides = tuple[Vectors, Vectors]


@dataclass(frozen=True, eq=False)
class Sample:
    """One side of a drift check.

    Args:
        pairs: n pairs; cells may be NaN.
        scores: of the pairs, (n,), NaN where a pair has none.
        embeddings: left and right ones, (n, c) each, NaN where a pair has none; None: they are not compared.
        label: (n,), NaN where unknown; None: the pairs' own, if they have any.
    """

    pairs: Pairs
    scores: ArrayLike
    embeddings: Sides | None = None
    label: ArrayLike | None = None

    @property
    def truth(self) -> Floats | None:
        """The labels as float64, (n,); None where there are none."""
        label = self.pairs.label if self.label is None else self.label
        return None if label is None else np.asarray(label, dtype=np.float64)


def check_drift(reference: Sample, new: Sample, columns: PairColumns, missing: Collection[str] = ()) -> dict[str, Any]:
    """Compare new pairs with reference pairs, those that the model was trained on; JSON-able.

    A column, the scores, plain cosine, the share of same, the dependence between columns or the embeddings have drifted
    where the effect is at least `EFFECT` and the corrected test rejects; a column also where it became, or ceased to
    be, constant, empty, missing or incomplete (`EMPTIED`). The verdict is "drift" where any of them has. It is "not
    enough data" where either side has fewer than `MINIMUM_ROWS` pairs; nothing is tested then. The tests are the same
    at every sample size. Pairs that share items are not independent: where vectors repeat, a sample counts as fewer
    rows in the tests. Embeddings and labels are compared where both sides have them.

    Args:
        reference, new: pairs with `columns.side_width` numbers a vector.
        missing: vector columns that the new file does not have, their cells being NaN.

    Returns:
        The document of `drift.json`: `verdict`, `reason`, `rows`, `minimum_rows`, `minimum_effect`, `columns`,
        `drifted_columns`, `scores`, `cosine`, `labels`, `multivariate`, `embeddings`, `label_share`, `test`,
        `correction`. What is undefined is None.
    """
    rows = {"reference": len(reference.pairs), "pairs": len(new.pairs)}
    samples = [reference, new]
    truth = _of_both(sample.truth for sample in samples)
    known = truth and [part[np.isfinite(part)] for part in truth]
    shares = [float(np.mean(part)) if len(part) else None for part in known] if known else [None, None]
    document: dict[str, Any] = {
        "rows": rows,
        "minimum_rows": MINIMUM_ROWS,
        "minimum_effect": EFFECT,
        "label_share": dict(zip(rows, shares, strict=True)),
        "test": TEST,
        "correction": CORRECTION,
    }
    if min(rows.values()) < MINIMUM_ROWS:
        side, count = min(rows.items(), key=lambda item: item[1])
        kind = "reference" if side == "reference" else "new"
        reason = f"{count:,} {kind} pairs; at least {MINIMUM_ROWS} are needed"
        parts = {**dict.fromkeys(NAMED), "scores": _nothing(), "cosine": _nothing()}
        return {
            "verdict": "not enough data", "reason": reason, **document, "columns": [], "drifted_columns": 0, **parts
        }  # fmt: skip
    items = [items_of_pairs(sample.pairs) for sample in samples]
    found = _compare_sides([(sample.pairs.left, sample.pairs.right) for sample in samples], items)
    embeddings = _of_both(sample.embeddings for sample in samples)
    table = _table(columns, found, missing)
    parts = {
        "scores": _one([np.asarray(sample.scores, dtype=np.float64) for sample in samples], items),
        "cosine": _one([cosine_of(sample.pairs) for sample in samples], items),
        "multivariate": _dependence([sample.pairs for sample in samples], items, found),
        "embeddings": embeddings and _embeddings(embeddings, items),
        "labels": truth and _one(truth, items),
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


def _of_both(parts: Iterable[Part | None]) -> list[Part] | None:
    """What both samples have; None where one has it not."""
    known = [part for part in parts if part is not None]
    return known if len(known) == 2 else None


def _compare_sides(samples: Sequence[Sides], items: Sequence[Items]) -> dict[str, Comparison]:
    """The columns of the left vectors of two samples, and those of the right ones."""
    shares = [(effective_share(part.left), effective_share(part.right)) for part in items]
    return {
        side: compare_columns(samples[0][i], samples[1][i], (shares[0][i], shares[1][i]))
        for i, side in enumerate(("left", "right"))
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


def _embeddings(embeddings: Sequence[Sides], items: list[Items]) -> dict[str, Any] | None:
    """Each component of the embeddings, and how the components go together; None where too few pairs have them."""
    whole = [np.asarray(np.isfinite(np.hstack(sides)).all(axis=1)) for sides in embeddings]
    if min(map(np.count_nonzero, whole)) < MINIMUM_ROWS:
        return None
    kept = [(left[rows], right[rows]) for (left, right), rows in zip(embeddings, whole, strict=True)]
    numbers = [part.take(rows) for part, rows in zip(items, whole, strict=True)]
    tested = [(part.effect, part.p_value) for part in _compare_sides(kept, numbers).values()]
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


def _directions(samples: list[Array], items: list[Items]) -> tuple[Floats, Floats] | None:
    """Effects and p-values of `compare_dependence` on halves that share no item; None where a half is too small."""
    parts, shares = [], []
    for vectors, numbers in zip(samples, items, strict=True):
        whole = np.asarray(np.isfinite(vectors).all(axis=1))
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


def _nothing() -> dict[str, Any]:
    return {"effect": None, "p_value": None, "drifted": False}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
