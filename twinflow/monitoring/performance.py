"""Accuracy, precision and recall of the calls on labelled new pairs, against what the test report promised."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twinflow.monitoring.sequential import ALPHA, evidence, has_fallen
from twinflow.statistics.resampling import wilson
from twinflow.statistics.threshold_curve import Confusion

# How often the calls are right, of which pairs: names of the cells of the confusion matrix.
RATES = {
    "accuracy": (("tp", "tn"), ("fp", "fn")),
    "precision": (("tp",), ("fp",)),
    "recall": (("tp",), ("fn",)),
}
GUARANTEE = (
    f"While none of the three lies below its bound, the chance that one is ever said to have fallen, over all looks "
    f"together, is at most {ALPHA:.1%}; the pairs are taken for independent."
)
FEW_LABELS = 30
Counts = dict[str, int]


def performance(
    label: NDArray[np.integer[Any]],
    same: NDArray[np.integer[Any]],
    promised: Mapping[str, Any],
    former: Sequence[Mapping[str, int]],
) -> dict[str, Any] | None:
    """Accuracy, precision and recall of calls on labelled pairs, and whether one of them has fallen.

    Args:
        label: 1 same, 0 different, (n,).
        same: the calls, (n,).
        promised: the figures of the test report; a rate has fallen when it lies below the lower end of its interval.
        former: confusion matrices of former checks' labelled pairs: evidence adds up over them.

    Accuracy and precision depend on how many pairs are the same. What labels of one class alone say of them is counted,
    and not held against the promise.

    Returns:
        None where there are no pairs. Otherwise `rows`, `confusion`, `confusion_so_far`, `guarantee`, `fallen`, and for
        each rate its `value` and 95% `interval` on these pairs, what was `promised`, the `bound`, the value `so_far`,
        the `log_evidence` that it lies below the bound, and whether it has `fallen`; None is undefined.
    """
    if not len(label):
        return None
    counts = Confusion.counted(label == 1, same == 1).counts
    so_far = _sum([*former, counts])
    rates = {name: _rate(name, counts, _told(name, [*former, counts]), promised) for name in RATES}
    return {
        "rows": len(label),
        "confusion": counts,
        "rows_so_far": sum(so_far.values()),
        "confusion_so_far": so_far,
        **rates,
        "guarantee": GUARANTEE,
        "fallen": [name for name, rate in rates.items() if rate["fallen"]],
    }


def _sum(checks: Sequence[Mapping[str, int]]) -> Counts:
    return {cell: sum(each[cell] for each in checks) for cell in ("tp", "fp", "fn", "tn")}


def _tells(name: str, check: Mapping[str, int], few: int = 0) -> bool:
    """Whether a check says something of a rate: accuracy and precision are of both classes, in the mix they come in.

    Args:
        few: a check of fewer labels may be of one class by chance, and says its part.
    """
    same, different = check["tp"] + check["fn"], check["fp"] + check["tn"]
    return name == "recall" or (same > 0 and different > 0) or same + different < few


def _told(name: str, checks: Sequence[Mapping[str, int]]) -> Counts:
    """What the checks together say of a rate; nothing where that is of one class."""
    so_far = _sum([each for each in checks if _tells(name, each, FEW_LABELS)])
    return so_far if _tells(name, so_far) else _sum([])


def _rate(name: str, counts: Counts, so_far: Counts, promised: Mapping[str, Any]) -> dict[str, Any]:
    hits, misses = (sum(counts[cell] for cell in cells) for cells in RATES[name])
    all_hits, all_misses = (sum(so_far[cell] for cell in cells) for cells in RATES[name])
    ends = promised[f"{name}_interval"]
    bound = None if ends is None or not 0 < ends[0] < 1 else float(ends[0])
    found = None if bound is None else evidence(all_hits, all_misses, bound)
    return {
        "value": hits / (hits + misses) if hits + misses else None,
        "interval": [float(end) for end in wilson(hits, hits + misses)] if hits + misses else None,
        "promised": promised[name],
        "bound": bound,
        "so_far": all_hits / (all_hits + all_misses) if all_hits + all_misses else None,
        "log_evidence": None if found is None or not np.isfinite(found) else found,
        "fallen": found is not None and has_fallen(found),
    }
