"""The last word on head `anchored`: what the validation rows say of cosine, the network and boosted trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from twinflow.heads.boosting_layer import BoostingScorer
    from twinflow.pairs import Pairs

Array = np.ndarray[Any, Any]

TREE_FEATURES = 64  # those most correlated with the label; more cost time and gain nothing
STANDARD_ERRORS = 1.0  # by so many the log loss must fall before something is added
FALLBACK = "the learned correction did not lower the log loss of validation pairs by more than its standard error"


@dataclass(frozen=True)
class Blend:
    """How the parts of the score are put together: score = network_gain · logit + tree_gain · trees + offset.

    Args:
        scores: (k, n), all rows by all members; trees count only where a member validates.
        plant: puts the trees into their layer; None where they are not used.
        fallback: why plain cosine is used; None where it isn't.
    """

    scores: Array
    network_gain: float = 1.0
    tree_gain: float = 0.0
    offset: float = 0.0
    plant: Callable[[BoostingScorer], None] | None = None
    fallback: str | None = None


def blend(pairs: Pairs, trains: Array, weights: Array, scores: Array, anchor: Array, seed: int) -> Blend:
    """Weigh the parts by logistic regression on the validation rows; what does not lower their log loss is left out.

    Args:
        pairs: n labelled pairs.
        trains: the rows that each member trains on, bool (k, n); it validates the others that train the rest.
        weights: what a row weighs, (k, n).
        scores: (k, n), logits of all rows by all members.
        anchor: (n,) plain cosine.
        seed: of the trees.
    """
    held = ~trains
    rows = held.any(axis=0)
    label, weight = pairs.known_label[rows], weights.mean(axis=0)[rows]
    own = np.where(held, scores, 0).sum(axis=0)[rows]
    plain, _ = _weigh(label, weight, anchor[rows])
    alone, (gain, offset) = _weigh(label, weight, own)
    grown, plant = _grow(pairs, trains, seed)
    trees = grown.sum(axis=0)[rows]
    both, (network_gain, tree_gain, both_offset) = _weigh(label, weight, own, trees)
    if network_gain < 0:  # next to the trees it only takes away
        both, (tree_gain, both_offset) = _weigh(label, weight, trees)
        network_gain = 0.0
    if tree_gain > 0 and _helps(both, alone, label) and _helps(both, plain, label):
        blended = network_gain * scores + tree_gain * grown + both_offset
        return Blend(blended, network_gain, tree_gain, both_offset, plant)
    if gain > 0 and _helps(alone, plain, label):
        return Blend(gain * scores + offset, gain, 0.0, offset)
    return Blend(scores, fallback=FALLBACK)


def _weigh(label: Array, weight: Array, *parts: Array) -> tuple[Array, tuple[float, ...]]:
    """Logistic regression of the label on the parts, (n,) each: the log odds (n,), and the weights, offset last."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e3).fit(np.stack(parts, axis=1), label, sample_weight=weight)
    return model.decision_function(np.stack(parts, axis=1)), (*model.coef_[0].tolist(), float(model.intercept_[0]))


def _helps(new: Array, old: Array, label: Array) -> bool:
    """Whether log odds `new` have a lower log loss than `old`, by more than its standard error."""
    gain = np.logaddexp(0, old) - np.logaddexp(0, new) + label * (new - old)
    return bool(gain.mean() > STANDARD_ERRORS * gain.std() / np.sqrt(len(gain)))


def _grow(pairs: Pairs, trains: Array, seed: int) -> tuple[Array, Callable[[BoostingScorer], None]]:
    """Boosted trees for each member: their log odds (k, n), 0 where the member trains, and what plants them."""
    from keras import ops
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    from twinflow.heads.anchored_layer import TREES
    from twinflow.heads.boosting_layer import DEPTH, LEAVES
    from twinflow.heads.boosting_trainer import plant
    from twinflow.layers import pair_features

    label = pairs.known_label
    features = ops.convert_to_numpy(pair_features(pairs.left, pairs.right))
    grown = np.zeros(trains.shape)
    models, columns = [], []
    with threadpool_limits(1, "openmp"):  # on cores that others use too, its threads mostly wait for each other
        for member, rows in enumerate(trains):
            chosen = _strongest(features[rows], label[rows])
            model = HistGradientBoostingClassifier(
                max_iter=TREES, max_leaf_nodes=LEAVES, max_depth=DEPTH, early_stopping=False, random_state=seed
            ).fit(features[rows][:, chosen], label[rows])
            grown[member, ~rows] = model.decision_function(features[~rows][:, chosen])
            models.append(model)
            columns.append(chosen)
    return grown, lambda layer: plant(layer, models, columns)


def _strongest(features: Array, label: Array) -> Array:
    """The `TREE_FEATURES` columns most correlated with the label, cosine, the last, always among them."""
    centred = features - features.mean(axis=0)
    strength = np.abs((label - label.mean()) @ centred) / (np.sqrt((centred**2).sum(axis=0)) + 1e-9)
    strength[-1] = np.inf
    return np.argsort(-strength, kind="stable")[:TREE_FEATURES]
