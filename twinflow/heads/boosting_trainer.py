"""The fit of head `boosting`, and what turns scikit-learn's trees into arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from twinflow.heads.boosting_layer import DEPTH, LEAVES, NODES, TREES
from twinflow.layers import pair_features
from twinflow.trainer import SolvedTrainer

Array = np.ndarray[Any, Any]


class BoostingTrainer(SolvedTrainer):
    """An epoch is one more tree in every member; the trees are all grown before the first."""

    epochs = TREES

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        features = ops.convert_to_numpy(pair_features(self.pairs.left, self.pairs.right))
        label, chosen = self.pairs.known_label, self.network.network
        trees, bases, staged = [], [], []
        for rows, weights in zip(self.trains, self.weights, strict=True):
            model = _grown(features[rows], label[rows], weights[rows], chosen.learning_rate)
            trees.append(np.stack([_arrays(tree.nodes) for (tree,) in model._predictors]))
            bases.append(model._baseline_prediction.reshape(1))
            staged.append([decision.ravel() for decision in model.staged_decision_function(features)])
        self.staged = np.swapaxes(np.array(staged, np.float32), 0, 1)  # (trees, members, rows)
        self.arrays = np.stack(trees)  # (members, trees, 5, nodes)
        scorer = self.network.scorer
        for place, weight in enumerate((scorer.feature, scorer.below, scorer.above, scorer.threshold)):
            weight.assign(self.arrays[:, :, place])
        scorer.base.assign(np.stack(bases))

    def train(self, number: int) -> None:
        """Use the first `number` trees."""
        self.number = number
        used = np.arange(TREES)[:, None] < number
        self.network.scorer.value.assign(np.where(used, self.arrays[:, :, 4], 0.0))

    def scores(self) -> Array:
        """Scores (k, n) of all rows by all members, from scikit-learn, which has them for every number of trees."""
        return self.staged[self.number - 1]


def _grown(features: Array, label: Array, weights: Array, learning_rate: float) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        learning_rate=learning_rate, max_iter=TREES, max_leaf_nodes=LEAVES, max_depth=DEPTH, early_stopping=False
    )
    return model.fit(features, label, sample_weight=weights)


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
