"""The fit of head `boosting`, and what turns scikit-learn's trees into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from twinflow.models.heads.boosting_layer import DEPTH
from twinflow.models.heads.boosting_numpy import LEAVES, NODES, TREES
from twinflow.models.layers import pair_features
from twinflow.statistics.arrays import Array
from twinflow.training.trainer import SolvedTrainer

if TYPE_CHECKING:
    from twinflow.models.heads.boosting_layer import BoostingScorer

BLOCK = 25


class BoostingTrainer(SolvedTrainer):
    """An epoch is one more tree in every member; they are grown `BLOCK` at a time."""

    most = TREES

    def __init__(self, *given: Any) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier

        super().__init__(*given)
        self.features = ops.convert_to_numpy(pair_features(self.pairs.left, self.pairs.right))
        self.models = [
            HistGradientBoostingClassifier(
                learning_rate=self.network.settings.learning_rate,
                max_leaf_nodes=LEAVES,
                max_depth=DEPTH,
                early_stopping=False,
                warm_start=True,
                random_state=0,
            )
            for _ in self.trains
        ]

    def train(self, number: int) -> None:
        """Use the first `number` trees."""
        self.number = number
        if number % BLOCK == 1:
            self._grow(number - 1 + BLOCK)
        used = np.arange(TREES)[:, None] < number
        self.network.scorer.value.assign(np.where(used, self.values, 0.0))

    def scores(self) -> Array:
        """Scores (k, n) of all rows by all members, from scikit-learn, which has them for every number of trees."""
        return np.asarray(self.staged[self.number - 1])

    def _grow(self, count: int) -> None:
        from threadpoolctl import threadpool_limits

        label, scorer = self.pairs.known_label, self.network.scorer
        with threadpool_limits(1, "openmp"):  # on cores that others use too, its threads mostly wait for each other
            for model, rows, weights in zip(self.models, self.trains, self.weights, strict=True):
                model.set_params(max_iter=count)
                weighs = None if (weights == 1).all() else weights[rows]  # scikit-learn bins weighted rows slowly
                model.fit(self.features[rows], label[rows], sample_weight=weighs)
            staged = [list(model.staged_decision_function(self.features)) for model in self.models]
        self.staged = np.swapaxes(np.array(staged, np.float32), 0, 1)  # (trees, members, rows)
        plant(scorer, self.models)
        self.values = scorer.value.numpy()


def plant(scorer: BoostingScorer, models: Sequence[Any], columns: Sequence[Array] | None = None) -> None:
    """Put fitted scikit-learn models into a layer, one a member.

    Args:
        scorer: a layer for as many members, and trees, as there are.
        models: `HistGradientBoostingClassifier`s.
        columns: for each model, which of the pair's features it was fitted on; None: on all of them.
    """
    trees = np.zeros((len(models), scorer.value.shape[1], 5, NODES))
    for member, model in enumerate(models):
        trees[member, : len(model._predictors)] = [_arrays(tree.nodes) for (tree,) in model._predictors]
        if columns is not None:
            trees[member, :, 0] = columns[member][trees[member, :, 0].astype(int)]
    weights = (scorer.feature, scorer.below, scorer.above, scorer.threshold, scorer.value)
    for place, weight in enumerate(weights):
        weight.assign(trees[:, :, place])
    scorer.base.assign(np.stack([model._baseline_prediction.reshape(1) for model in models]))


def _arrays(nodes: Array) -> Array:
    """The nodes of one tree as rows feature, below, above, threshold, value; float64 (5, NODES)."""
    leaf = nodes["is_leaf"] == 1
    here = np.arange(len(nodes))
    arrays = np.zeros((5, NODES))
    arrays[0, : len(nodes)] = np.where(leaf, 0, nodes["feature_idx"])
    arrays[1, : len(nodes)] = np.where(leaf, here, nodes["left"])
    arrays[2, : len(nodes)] = np.where(leaf, here, nodes["right"])
    arrays[3, : len(nodes)] = _rounded_down(np.where(leaf, 0.0, nodes["num_threshold"]))
    arrays[4, : len(nodes)] = np.where(leaf, nodes["value"], 0.0)
    return arrays


def _rounded_down(thresholds: Array) -> Array:
    """The largest float32 at or below each threshold: a float32 feature is at most either, or at most neither."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
