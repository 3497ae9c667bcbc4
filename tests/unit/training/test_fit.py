"""The fit: direction, early stopping, class weights, failures, repeatability."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.helpers.fits import make_pairs, make_settings
from twinflow.data.pairs import Pairs
from twinflow.errors import FitError
from twinflow.models.heads.registry import HEADS
from twinflow.models.losses import score_loss
from twinflow.training.fit import Fit, fit


@pytest.fixture(scope="module")
def overfitted() -> tuple[Pairs, np.ndarray, Fit]:
    """Every epoch runs, and the best one is not the last."""
    pairs = make_pairs(150, noise=2.5)
    folds = (np.arange(150) % 3).astype(np.int8)
    return pairs, folds, fit(pairs, folds, make_settings("l1-logits", epochs=25, patience=50, learning_rate=0.01))


@pytest.mark.parametrize("head", sorted(HEADS.keys() - {"ranking"}))  # which needs items in several pairs
def test_a_separable_set_is_separated_the_right_way_round(head: str) -> None:
    pairs, unseen = make_pairs(600), make_pairs(400, seed=1)
    found = fit(pairs, (np.arange(600) % 3).astype(np.int8), make_settings(head, epochs=20))
    assert roc_auc_score(pairs.label, found.scores) > 0.95
    assert roc_auc_score(unseen.label, found.network([unseen.left, unseen.right])) > 0.95


def test_the_best_weights_are_kept_when_all_epochs_ran(overfitted) -> None:
    pairs, folds, found = overfitted
    best = found.history.loc[found.history.groupby("member")["val_loss"].idxmin()]
    assert found.record["kept_epochs"] == best["epoch"].tolist()
    assert max(found.record["kept_epochs"]) < found.record["epochs"] == 25
    members = found.network.member_scores(pairs.left, pairs.right).numpy()
    for member, val_loss in enumerate(best["val_loss"]):
        own = folds == member
        losses = score_loss(found.network.settings)(pairs.label[own], members[member, own])
        assert float(np.mean(losses)) == pytest.approx(val_loss, rel=1e-5)


def test_scores_are_those_of_the_member_that_did_not_see_the_row(overfitted) -> None:
    pairs, folds, found = overfitted
    members = found.network.member_scores(pairs.left, pairs.right).numpy()
    assert found.scores.dtype == np.float32
    np.testing.assert_allclose(found.scores, members[folds, np.arange(len(folds))], atol=1e-5)


def test_the_record_and_the_history(overfitted) -> None:
    _, _, found = overfitted
    assert list(found.history) == ["epoch", "member", "loss", "val_loss", "accuracy", "val_accuracy"]
    assert len(found.history) == 25 * 3
    assert found.history.notna().all(axis=None)
    assert found.record["members"] == 3
    assert found.record["rows"] == 150
    assert found.record["parameters"] == sum(np.prod(v.shape) for v in found.network.trainable_variables)
    assert found.record["seconds"] > 0
    assert found.record["fallback"] is None


def test_members_stop_when_their_own_patience_is_over() -> None:
    pairs = make_pairs(150, noise=2.5)
    seen: list[tuple[int, dict[str, float]]] = []
    follower = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, logs)))
    found = fit(
        pairs,
        (np.arange(150) % 3).astype(np.int8),
        make_settings("l1-logits", epochs=60, patience=2, learning_rate=0.01),
        [follower],
    )
    last = found.history.groupby("member")["epoch"].max()
    assert last.tolist() == [kept + 2 for kept in found.record["kept_epochs"]]
    assert [epoch for epoch, _ in seen] == list(range(last.max()))
    assert found.record["epochs"] == last.max() < 60
    assert seen[-1][1]["val_loss"] == pytest.approx(found.history.groupby("member")["val_loss"].last().mean())
    assert follower.params["epochs"] == 60


def test_held_out_rows_validate_one_member() -> None:
    pairs = make_pairs(100)
    folds = np.where(np.arange(100) < 80, -1, 0).astype(np.int8)
    found = fit(pairs, folds, make_settings(epochs=3))
    assert found.record["members"] == 1
    assert np.isnan(found.scores[:80]).all()
    assert np.isfinite(found.scores[80:]).all()


def test_balanced_classes_raise_the_rare_class() -> None:
    pairs, folds = make_pairs(400, noise=2.0, same_share=0.1), (np.arange(400) % 2).astype(np.int8)
    settings = (make_settings(epochs=10, class_weight=weight) for weight in (None, "balanced"))
    plain, balanced = (fit(pairs, folds, chosen) for chosen in settings)
    rare = pairs.label == 1
    assert (balanced.scores[rare] > 0).mean() > (plain.scores[rare] > 0).mean() + 0.2


def test_a_balanced_loss_is_the_mean_of_the_classes_means() -> None:
    pairs, folds = make_pairs(200, same_share=0.2), np.where(np.arange(200) < 150, -1, 0).astype(np.int8)
    found = fit(pairs, folds, make_settings("l1-logits", epochs=1, class_weight="balanced"))
    train = folds == -1
    losses = np.asarray(score_loss(found.network.settings)(pairs.label, found.network([pairs.left, pairs.right])))
    expected = np.mean([losses[train & (pairs.label == value)].mean() for value in (0, 1)])
    assert found.history["loss"].iloc[0] == pytest.approx(expected, rel=1e-5)


def test_a_diverged_fit_names_epoch_and_learning_rate() -> None:
    settings = make_settings("euclidean", optimizer="sgd", learning_rate=1e30)
    with pytest.raises(FitError, match=r"^epoch 1: expected a finite loss, found (nan|inf) at learning rate 1e\+30"):
        fit(make_pairs(100), (np.arange(100) % 2).astype(np.int8), settings)


def test_a_collapsed_fit_says_so() -> None:
    pairs = make_pairs(100)
    alike = Pairs(np.ones_like(pairs.left), np.ones_like(pairs.right), pairs.label, pairs.ids)
    with pytest.raises(
        FitError, match=r"^the fit collapsed: expected validation scores that differ, found .* member 0"
    ):
        fit(alike, (np.arange(100) % 2).astype(np.int8), make_settings("euclidean", epochs=2))


def test_unlabelled_pairs_are_refused() -> None:
    pairs = make_pairs(10)
    with pytest.raises(ValueError, match="expected labelled pairs"):
        fit(Pairs(pairs.left, pairs.right, None, pairs.ids), np.zeros(10, np.int8), make_settings())


REPEATED = """
import hashlib
import numpy as np
from tests.helpers.fits import make_pairs, make_settings
from twinflow.training.fit import fit
for head, xla in (("anchored", "never"), ("anchored", "always"), ("euclidean", "never")):
    settings = make_settings(head, xla=xla, epochs=3, seed=7)
    found = fit(make_pairs(300), (np.arange(300) % 5).astype(np.int8), settings)
    print(hashlib.sha256(b"".join(v.numpy().tobytes() for v in found.network.weights)).hexdigest())
"""


def test_the_same_seed_gives_the_same_weights_in_two_processes() -> None:
    command = [sys.executable, "-c", REPEATED]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    first, again = (run.communicate()[0].split() for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert len(set(first)) == 3
    assert first == again


def test_another_seed_gives_other_weights() -> None:
    pairs, folds = make_pairs(100), (np.arange(100) % 2).astype(np.int8)
    first, other = (fit(pairs, folds, make_settings(epochs=1, seed=seed)).scores for seed in (0, 1))
    assert not np.array_equal(first, other)
