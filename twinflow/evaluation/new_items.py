"""What to expect on items that are new: pairs scored by members that knew their items, and by one that did not.

A pair's out-of-fold score comes from a member that was not trained on the pair, but mostly on other pairs of its items.
Test pairs of new items show how much that helps, where there are enough of them. Where there are not, one more member
is fitted without some of the items and scores the pairs between these. The figures of these scores are compared with
those of the same pairs' out-of-fold scores: classes C3 and C1 of Park and Marcotte, "Flaws in evaluation schemes for
pair-input computational predictions" (2012). The pairs are the same for both, since pairs whose items stand nowhere
else may be of another kind.

This costs a member's fit on about half of the pairs. It is left out where no item stands in two folds: the out-of-fold
scores are then of new items already.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twinflow.calibration.calibrate import Calibration
from twinflow.data.folds import Folds, hold_out_items
from twinflow.data.items import number_sides
from twinflow.data.pairs import Pairs
from twinflow.errors import FitError
from twinflow.evaluation.metrics import evaluate, paired_auc
from twinflow.evaluation.slices import KEPT
from twinflow.settings import Settings
from twinflow.statistics.arrays import Labels
from twinflow.statistics.items import Items

COLUMN = "score_without_items"  # of the validation scores
FEW_OF_A_CLASS = 50  # fewer pairs of a class leave recall or false accepts unknown to about ±14 points


def enough_new_pairs(test: Pairs, pairs: Pairs) -> bool:
    """Whether the test pairs of which neither item stands in the training pairs are enough to tell."""
    left, right, *known = number_sides(test, pairs)
    return _enough(test.known_label[~(np.isin(left, known) | np.isin(right, known))])


def items_apart(pairs: Pairs, folds: Folds) -> bool:
    """Whether no item stands in two folds, (n,), so that no member knew an item of what it validated."""
    items = np.concatenate(number_sides(pairs))
    of_row = np.concatenate([folds, folds])
    of_item = np.empty(items.max() + 1, folds.dtype)
    of_item[items] = of_row
    return bool((of_item[items] == of_row).all())


def held_out(pairs: Pairs, seed: int) -> Folds | None:
    """Folds (n,) of one member, as `hold_out_items` deals them; None where they leave too few pairs to tell."""
    left, right = number_sides(pairs)
    folds = hold_out_items(left, right, seed)
    trains = pairs.known_label[folds == -1]
    return folds if _enough(pairs.known_label[folds == 0]) and len(np.unique(trains)) == 2 else None


def scores_without_items(
    pairs: Pairs, folds: Folds, scores: pd.Series[float], test: Pairs, settings: Settings
) -> tuple[pd.Series[float] | None, str]:
    """Scores of training pairs by members that did not know their items, by one more fit where it takes one.

    Args:
        pairs: training pairs, n.
        folds: (n,) the member that each of them validates.
        scores: out-of-fold scores, by row of the training pairs.
        test: test pairs.

    Returns:
        The scores by row, NaN or missing where there is none, and which pairs have one; or None, and why.
    """
    if enough_new_pairs(test, pairs):
        return None, "the test file tells"
    if (folds < 0).any():
        return None, "not asked: not every pair has a validation score"
    if items_apart(pairs, folds):
        return scores, f"{len(scores):,} validation pairs, whose items no member knew"
    held = held_out(pairs, settings.seed)
    if held is None:
        return None, "not asked: too few pairs between items that could be held out"
    try:
        found = _scored_by_one_more(pairs, held, settings)
    except FitError as error:  # the run does not need it
        return None, f"not answered: {error}"
    return found, f"{found.notna().sum():,} pairs between held-out items"


def new_item_figures(validation: pd.DataFrame, calibration: Calibration, settings: Settings) -> dict[str, Any] | None:
    """Figures on validation pairs whose items were new to a member, beside those of members that knew the items.

    Args:
        validation: scored pairs; `score_without_items` is by a member that did not know the items, NaN for other pairs.

    Returns:
        None without that column. Otherwise `rows` and `same`; `new`, those of `evaluate`'s figures that slices have, by
        members that did not know the items; `known`, the same figures by members that knew them; `against_known`, the
        difference in AUC of new less known, as `paired_auc` gives it. The last two are None where no member knew them.
    """
    if COLUMN not in validation:
        return None
    some = validation[validation[COLUMN].notna()]
    label, items = some["label"].to_numpy(), Items.of_marks(some["left_item"], some["right_item"])
    new, known = some[COLUMN].to_numpy(), some["score"].to_numpy()
    chance = (settings.resamples, settings.seed)

    def figures(score: NDArray[np.float32]) -> dict[str, Any]:
        found = evaluate(label, score, calibration, *chance, items)
        return {name: found[name] for name in KEPT}

    apart = np.array_equal(new, known)
    return {
        "rows": len(some),
        "same": int(label.sum()),
        "new": figures(new),
        "known": None if apart else figures(known),
        "against_known": None if apart else paired_auc(label, new, known, *chance, items),
    }


def _scored_by_one_more(pairs: Pairs, held: Folds, settings: Settings) -> pd.Series[float]:
    from twinflow.training.fit import fit

    rows = np.flatnonzero(held >= -1)
    return pd.Series(fit(pairs.take(rows), held[rows], settings).scores, index=rows)


def _enough(label: Labels) -> bool:
    same = np.count_nonzero(label)
    return bool(min(same, len(label) - same) >= FEW_OF_A_CLASS)
