"""The boosted trees of head `anchored`."""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops
from threadpoolctl import threadpool_limits

from twinflow.data.pairs import PIECE_ROWS, Pairs
from twinflow.models.heads.anchored_numpy import TREES
from twinflow.models.heads.boosting_layer import DEPTH, BoostingScorer
from twinflow.models.heads.boosting_numpy import LEAVES
from twinflow.models.layers import pair_features
from twinflow.statistics.arrays import Array
from twinflow.training.trainers.boosting import plant

MOST_ROWS = 50_000  # that trees are grown on, by all members together: a hundred small ones hardly gain by more
FEATURES = 64  # those most correlated with the label; more cost time and gain nothing


def grow(pairs: Pairs, trains: Array, seed: int) -> tuple[Array, Callable[[BoostingScorer], None]]:
    """Boosted trees for each member.

    Args:
        pairs: n labelled pairs.
        trains: the rows that each member's trees are grown on, bool (k, n).
        seed: of the trees.

    Returns:
        Their log odds (k, n), 0 where the member trains, and what puts the trees into their layer.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    some = np.arange(len(pairs))
    if len(pairs) > MOST_ROWS:
        some = np.sort(np.random.default_rng(seed).choice(some, MOST_ROWS, replace=False))
    features = np.concatenate([_features(piece) for piece in pairs.take(some).pieces()])
    label = pairs.known_label[some]
    models, columns = [], []
    with threadpool_limits(1, "openmp"):  # on cores that others use too, its threads mostly wait for each other
        for rows in trains[:, some]:
            chosen = strongest(features, label, rows)
            model = HistGradientBoostingClassifier(
                max_iter=TREES, max_leaf_nodes=LEAVES, max_depth=DEPTH, early_stopping=False, random_state=seed
            ).fit(features[np.ix_(rows, chosen)], label[rows])
            models.append(model)
            columns.append(chosen)
        odds = _odds(pairs, trains, models, columns)
    return odds, lambda layer: plant(layer, models, columns)


def _odds(pairs: Pairs, trains: Array, models: list[Any], columns: list[Array]) -> Array:
    """What each member's trees say of the rows that it does not train on, (k, n), 0 elsewhere."""
    odds, start = np.zeros(trains.shape, np.float32), 0
    for some in pairs.pieces():
        features, held = _features(some), ~trains[:, start : start + len(some)]
        for member in np.flatnonzero(held.any(axis=1)):
            own = features[held[member]][:, columns[member]]
            odds[member, start : start + len(some)][held[member]] = models[member].decision_function(own)
        start += len(some)
    return odds


def _features(pairs: Pairs) -> Array:
    return np.asarray(ops.convert_to_numpy(pair_features(pairs.left, pairs.right)))


def strongest(features: Array, label: Array, rows: Array) -> Array:
    """The `FEATURES` columns most correlated with the label in these rows, cosine, the last, always among them."""
    about, odd = features.mean(axis=0), label - label[rows].mean()
    sums = np.zeros((3, features.shape[1]))
    for start in range(0, len(rows), PIECE_ROWS):  # a centred copy of them all would be as large as they are
        own = start + np.flatnonzero(rows[start : start + PIECE_ROWS])
        centred = features[own] - about
        sums += centred.sum(axis=0), (centred**2).sum(axis=0), odd[own] @ centred
    strength = np.abs(sums[2]) / (np.sqrt(np.maximum(sums[1] - sums[0] ** 2 / rows.sum(), 0)) + 1e-9)
    strength[-1] = np.inf
    return np.argsort(-strength, kind="stable")[:FEATURES]
