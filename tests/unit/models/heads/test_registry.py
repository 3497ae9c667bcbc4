"""The heads beside each other: what differs, what goes together."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.fits import WIDTH, items_twice
from twinflow.errors import SettingsError
from twinflow.models.heads.registry import HEADS
from twinflow.models.losses import score_loss
from twinflow.models.network import TwinNetwork
from twinflow.settings import Settings, load_settings


def test_a_score_is_what_the_loss_makes_of_the_output() -> None:
    pairs = items_twice(300)
    made = {
        name: TwinNetwork(name, HEADS[name].defaults, WIDTH, 2, seed=3)
        for name in ("l1-logits", "l1-sigmoid", "l1-contrastive")
    }
    logits, probabilities, negative = (
        np.asarray(each.member_scores(pairs.left, pairs.right), np.float64) for each in made.values()
    )
    np.testing.assert_allclose(probabilities, 1 / (1 + np.exp(-logits)), atol=1e-6)
    np.testing.assert_allclose(negative, -logits, atol=1e-6)
    assert (logits < 0).any()  # as a distance it makes no sense
    assert (logits > 0).any()
    losses = [np.asarray(score_loss(made[name].settings)(pairs.label[:1], scores[:1, 0])) for name, scores in
              (("l1-logits", logits), ("l1-sigmoid", probabilities))]  # fmt: skip
    np.testing.assert_allclose(*losses, rtol=1e-4)


def test_presets_differ_from_euclidean_in_what_their_name_says() -> None:
    base = HEADS["euclidean"].defaults
    assert HEADS["euclidean-dropout"].defaults == base.changed({"dropout": 0.5})
    assert HEADS["euclidean-margin"].defaults == base.changed({"margin": 2.0})
    assert HEADS["euclidean-linear"].defaults == base.changed({"margin": 2.0, "embedding_activation": "linear"})
    assert HEADS["wide"].defaults == base.changed({"units": (512, 512, 512)})
    assert "can go negative" in HEADS["l1-contrastive"].summary
    assert [name for name, head in HEADS.items() if head.negative_distance] == ["l1-contrastive"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["head=l1-sigmoid", "loss=contrastive"], "expected sigmoid-cross-entropy with head 'l1-sigmoid', found 'cont"),
        (["head=l1-logits", "loss=ranking"], "loss: expected cross-entropy with head 'l1-logits', found 'ranking'"),
        (["head=euclidean", "loss=cross-entropy"], "expected contrastive with head 'euclidean', found 'cross-entropy'"),
        (["head=ranking", "loss=cross-entropy"], "expected ranking with head 'ranking', found 'cross-entropy'"),
        (["head=cosine", "units=[3]"], r"units: expected none with head 'cosine', found \(3,\)"),
        (["head=logistic", "dropout=0.5"], "dropout: expected none with head 'logistic', found 0.5"),
        (["head=boosting", "optimizer=sgd"], "optimizer: expected none with head 'boosting', found 'sgd'"),
    ],
)
def test_what_cannot_work_is_refused(overrides: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings(overrides=overrides)


@pytest.mark.parametrize("name", sorted(HEADS))
def test_settings_in_force_are_accepted_again(name: str) -> None:
    in_force = Settings(head=name).in_force
    assert Settings(**in_force.model_dump()) == in_force
