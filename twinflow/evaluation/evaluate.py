"""A calibrated model on the test pairs, beside plain cosine, and the frames that scores are kept in."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from twinflow.calibration.calibrate import Calibration, calibrate
from twinflow.data.columns import FIRST_ROW
from twinflow.data.hashing import item_marks
from twinflow.data.items import number_sides
from twinflow.data.pairs import Pairs
from twinflow.data.similarity import cosine
from twinflow.evaluation.metrics import evaluate, paired_auc
from twinflow.evaluation.new_items import new_item_figures
from twinflow.evaluation.slices import seen_counts, slices
from twinflow.settings import Settings
from twinflow.statistics.arrays import Labels
from twinflow.statistics.items import Items


def scored_pairs(pairs: Pairs, scores: ArrayLike) -> pd.DataFrame:
    """What is kept of labelled pairs that were scored.

    Args:
        pairs: the index of their `ids` are their places in their file, counted from 0.
        scores: (n,).

    Returns:
        `row` (line of the file), ids, `label`, `score`, `cosine`, `left_item` and `right_item`: marks by which equal
        vectors are known in any file.
    """
    left, right = pairs.both(item_marks)
    frame = pairs.ids.reset_index(drop=True).assign(
        label=pairs.known_label,
        score=np.asarray(scores),
        cosine=pairs.each(cosine),
        left_item=left,
        right_item=right,
    )
    frame.insert(0, "row", FIRST_ROW + pairs.ids.index.to_numpy(np.int64))
    return frame


def decided(test: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Scored pairs with their `probability` and the call, `same`."""
    scores = test["score"].to_numpy()
    return test.assign(probability=calibration.probability(scores), same=calibration.same(scores))


def items_of(scores: pd.DataFrame) -> Items:
    """The items of scored pairs."""
    return Items.of_marks(scores["left_item"], scores["right_item"])


def sides_seen(pairs: Pairs, training: Pairs) -> Labels:
    """How many of each pair's two items stand in the training pairs, (n,)."""
    left, right, *known = number_sides(pairs, training)
    seen = np.isin([left, right], np.concatenate(known))
    return np.asarray(seen.sum(axis=0), np.int8)


def evaluate_scores(
    test: pd.DataFrame, calibration: Calibration, validation: pd.DataFrame, settings: Settings
) -> dict[str, Any]:
    """Every figure of a model on labelled test pairs: the document of `metrics.json`.

    Args:
        test: scored pairs with `seen`, the sides that stand in the training file.
        validation: scored pairs that the threshold was chosen on; plain cosine's comes from them too.
    """
    truth, scores, plain = (test[name].to_numpy() for name in ("label", "score", "cosine"))
    labels, known = validation["label"].to_numpy(), items_of(validation)
    baseline = calibrate(validation["cosine"].to_numpy(), labels, settings, known, baseline=True)
    chance, items = (settings.resamples, settings.seed), items_of(test)
    return {
        "rows": len(test),
        "same": int(truth.sum()),
        "different": int((1 - truth).sum()),
        "test": evaluate(truth, scores, calibration, *chance, items),
        "cosine": evaluate(truth, plain, baseline, *chance, items),
        "validation": evaluate(labels, validation["score"].to_numpy(), calibration, *chance, known),
        "against_cosine": paired_auc(truth, scores, plain, *chance, items),
        "items_repeat": items.repeat,
        "seen": seen_counts(test),
        "slices": slices(test, calibration, settings),
        "new_items": new_item_figures(validation, calibration, settings),
    }
