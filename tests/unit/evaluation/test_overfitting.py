"""One measure of over- and underfitting: AUC of pairs that were trained on, and of others."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.helpers.fits import make_pairs, make_settings
from twinflow.evaluation.overfitting import extent, gap, gap_of_fit
from twinflow.training.fit import fit


def scored(noise: float, share: float = 0.5, rows: int = 800) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, scores by who knows the pairs, and scores with `noise`."""
    rng = np.random.default_rng(0)
    label = (rng.random(rows) < share).astype(np.int8)
    return label, label + 0.7 * rng.normal(size=rows), label + noise * rng.normal(size=rows)


def test_the_gap_is_the_difference_of_scikit_learns_aucs() -> None:
    label, seen, unseen = scored(1.5)
    unseen[:10] = np.nan
    found = gap([(label, seen, unseen)], seed=0)
    assert found["seen_auc"] == pytest.approx(roc_auc_score(label, seen))
    assert found["unseen_auc"] == pytest.approx(roc_auc_score(label[10:], unseen[10:]))
    assert found["interval"][0] < found["gap"] < found["interval"][1]


@pytest.mark.parametrize(("noise", "expected"), [(0.7, "none"), (1.5, "much")])
@pytest.mark.parametrize("share", [0.5, 0.1])
def test_a_rare_class_changes_no_verdict(noise: float, expected: str, share: float) -> None:
    assert extent(gap([scored(noise, share, rows=4000)], seed=0)) == expected


def test_a_small_gap_that_is_sure_is_a_little() -> None:
    assert extent(gap([scored(0.78, rows=20_000)], seed=0)) == "little"


def test_several_fits_are_averaged() -> None:
    one, other = scored(1.5), scored(0.7)
    found = gap([one, other], seed=0)
    assert found["gap"] == pytest.approx(np.mean([gap([each], seed=0)["gap"] for each in (one, other)]))


def test_an_undefined_interval_is_no_sign() -> None:
    assert extent({"interval": None}) == "none"


def test_a_fit_ranks_what_it_was_trained_on_better() -> None:
    pairs, folds = make_pairs(200, noise=2.0), (np.arange(200) % 2).astype(np.int8)
    found = fit(pairs, folds, make_settings("euclidean", epochs=60, patience=60, units=(32, 8)))
    measured = gap_of_fit(found.network, pairs, folds, found.scores, seed=0)
    assert measured["unseen_auc"] == pytest.approx(roc_auc_score(pairs.known_label, found.scores))
    assert measured["seen_auc"] > measured["unseen_auc"]
