"""Items that are new: which are held out, when that is asked, and which figures to expect."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from twinflow.calibration.calibrate import calibrate
from twinflow.data.copies import number_items
from twinflow.data.folds import hold_out_items
from twinflow.data.pairs import Pairs
from twinflow.evaluation.new_items import COLUMN, enough_new_pairs, held_out, items_apart, new_item_figures
from twinflow.report.run.new_items_sentences import new_items
from twinflow.settings import Settings

RANDOM = np.random.default_rng(0)
BANK = RANDOM.normal(size=(2000, 4)).astype("float32")
FEW = {"rows": 100, "seen": {"neither": 2, "one": 8, "both": 90}, "slices": [], "new_items": None}


def make_pairs(left, right):
    label = np.arange(len(left)) % 2
    return Pairs(BANK[left], BANK[right], label.astype(np.int8))


def linked(rows=4000, items=300):
    """Pairs that hang together as one component."""
    return RANDOM.integers(items, size=(2, rows))


def triples(rows=1000):
    """Each left item in two pairs that share no item with the rest."""
    return np.arange(rows) // 2, 1000 + np.arange(rows)


@pytest.mark.parametrize(("sides", "validate", "train"), [(linked(), 0.09, 0.49), (triples(), 0.3, 0.7)])
def test_held_out_items_are_strange_to_what_trains(sides, validate, train):
    """Shares of the rows within 0.03: of 4,000 rows between drawn items a share has a standard error below 0.008."""
    left, right = sides
    folds = hold_out_items(left, right, 0)
    held = set(left[folds == 0]) | set(right[folds == 0])
    assert held.isdisjoint(set(left[folds == -1]) | set(right[folds == -1]))
    assert np.mean(folds == 0) == pytest.approx(validate, abs=0.03)
    assert np.mean(folds == -1) == pytest.approx(train, abs=0.03)
    assert np.mean(folds == -2) == pytest.approx(1 - validate - train, abs=0.03)
    assert (hold_out_items(left, right, 0) == folds).all()
    assert (hold_out_items(left, right, 1) != folds).any()


def test_test_pairs_of_new_items_tell_where_they_are_enough():
    pairs, new = make_pairs(*linked()), make_pairs(*RANDOM.integers(1000, 1900, size=(2, 100)))
    assert enough_new_pairs(new, pairs)
    assert not enough_new_pairs(new.take(np.arange(99)), pairs)
    assert not enough_new_pairs(pairs, pairs)


def test_items_are_apart_where_none_is_in_two_folds():
    pairs = make_pairs(*triples())
    folds = np.arange(1000) // 2 % 5
    assert items_apart(pairs, folds.astype(np.int8))
    assert not items_apart(pairs, np.where(np.arange(1000) == 7, 4, folds).astype(np.int8))


def test_too_few_pairs_are_not_held_out():
    pairs = make_pairs(*linked())
    assert (held_out(pairs, 3) == hold_out_items(*number_items(pairs.left, pairs.right), 3)).all()
    assert held_out(pairs.take(np.arange(300)), 3) is None


@pytest.fixture(scope="module")
def scored():
    """400 pairs of which 200 were scored without their items too, by a worse scorer."""
    label = np.arange(400) % 2
    score = RANDOM.normal(size=400) + 2.0 * label
    marks = {"left_item": np.arange(400) // 2, "right_item": 400 + np.arange(400)}
    without = np.where(np.arange(400) < 200, RANDOM.normal(size=400) + 0.5 * label, np.nan)
    return pd.DataFrame({"label": label, "score": score, COLUMN: without, **marks})


def figures(scored):
    settings = Settings(resamples=200)
    return new_item_figures(scored, calibrate(scored["score"], scored["label"], settings), settings)


def test_figures_are_of_the_same_pairs(scored):
    from sklearn.metrics import roc_auc_score

    found, some = figures(scored), scored[:200]
    assert (found["rows"], found["same"]) == (200, 100)
    assert found["known"]["auc"] == pytest.approx(roc_auc_score(some["label"], some["score"]))
    assert found["new"]["auc"] == pytest.approx(roc_auc_score(some["label"], some[COLUMN]))
    assert found["against_known"]["auc_difference"] == pytest.approx(found["new"]["auc"] - found["known"]["auc"])
    json.dumps(found, allow_nan=False)
    assert new_item_figures(scored.drop(columns=COLUMN), None, Settings()) is None


def test_both_figures_and_which_to_expect_are_said(scored):
    found = figures(scored)
    said = new_items({**FEW, "new_items": found})
    for part in ("known", "new"):
        assert f"(AUC {found[part]['auc']:.3f}, 95% interval {found[part]['auc_interval'][0]:.3f} to " in said
    assert "2 test pairs of 100 are of new items alone, too few" in said
    assert "They differ (the difference in AUC is −0." in said
    assert said.endswith("expect the latter, lower one on new items.")
    alike = figures(scored.assign(**{COLUMN: (2 * scored["score"]).where(scored[COLUMN].notna())}))
    assert new_items({**FEW, "new_items": alike}).endswith(
        "The two can’t be told apart (the difference in AUC is +0.000, 95% interval +0.000 to +0.000): "
        "nothing speaks against the same figures on new items."
    )


def test_where_no_member_knew_the_items_their_figures_are_those_to_expect(scored):
    found = figures(scored.assign(**{COLUMN: scored["score"]}))
    assert (found["known"], found["against_known"], found["rows"]) == (None, None, 400)
    said = new_items({**FEW, "new_items": found})
    assert "No member knew the items of the 400 validation pairs: expect their figures, an AUC of 0.9" in said
    assert said.endswith(" called right.")


def test_where_nothing_was_asked_it_says_where_to_look():
    assert new_items(FEW).endswith("what to expect on new items: a test file with more of them would.")
