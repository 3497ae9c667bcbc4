"""The fit of head `anchored`: averaged weights, deduced pairs, and the last word to the validation rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from twinflow.baselines import cosine
from twinflow.deduction import Deduction, deduced_share
from twinflow.epoch_graph import EpochGraph
from twinflow.heads.anchored_blend import Blend, blend
from twinflow.pairs import number_items

if TYPE_CHECKING:
    from twinflow.network import TwinNetwork
    from twinflow.pairs import Pairs

Array = np.ndarray[Any, Any]

MOST_EPOCHS, FEWEST_EPOCHS, STEPS = 40, 15, 1000  # about as many steps as `STEPS`, between so many epochs
MEMORY = 0.98  # of the averaged weights, once there are enough steps to average over
MANY_ROWS = 3200  # a member's; from there on the batches are twice as large


class AnchoredTrainer(EpochGraph):
    """Trains by AdamW with a rate that falls to 0 along a cosine, and keeps an average of the weights.

    The averaged weights are those that are measured and kept (Polyak and Juditsky, 1992; here exponentially). Epoch 0,
    which is plain cosine, is a candidate. Where the training pairs imply others, a share of each epoch is those.

    Args:
        network, pairs, trains, weights, seed: as in `EpochGraph`.
    """

    first = 0

    def __init__(self, network: TwinNetwork, pairs: Pairs, trains: Array, weights: Array, seed: int) -> None:
        super().__init__(network, pairs, trains, weights, seed)
        self.pairs, self.trains, self.row_weights = pairs, trains, weights
        self.random = np.random.default_rng(seed)
        self.anchor = cosine(pairs.left, pairs.right)
        self._start_as_cosine()
        self.start = [variable.numpy() for variable in self.variables]
        self.current = [tf.Variable(variable) for variable in self.variables]
        self.average = [tf.Variable(variable) for variable in self.variables]
        self.taken = tf.Variable(0.0)
        self._deduce()

    def train(self, number: int) -> None:
        """Go on from the current weights for an epoch, and put the averaged ones in their place; epoch 0 is cosine."""
        if number == 0:
            return
        _assign(self.variables, self.current)
        super().train(number)
        _assign(self.current, self.variables)
        _assign(self.variables, self.average)

    def finish(self, scores: Array) -> tuple[Array, str | None]:
        """Calibrate the score on the validation rows, with trees where they help; cosine alone where nothing does.

        Args:
            scores: (k, n), all rows by all members at their kept epochs.

        Returns:
            The scores (k, n) as they are now, and why plain cosine is used, if it is.
        """
        chosen: Blend = blend(self.pairs, self.trains, self.row_weights, scores, self.anchor, self.seed)
        scorer = self.network.scorer
        if chosen.fallback:
            for variable, value in zip(self.variables, self.start, strict=True):
                variable.assign(value)
            return self.scores(), chosen.fallback
        scorer.network_gain.assign([chosen.network_gain])
        scorer.tree_gain.assign([chosen.tree_gain])
        scorer.score_offset.assign([chosen.offset])
        if chosen.plant:
            chosen.plant(scorer.trees)
        return chosen.scores, None

    def _start_as_cosine(self) -> None:
        """Begin each member as the logistic regression of its rows' labels on their cosine."""
        from sklearn.linear_model import LogisticRegression

        label = self.pairs.known_label
        for member, (rows, weights) in enumerate(zip(self.trains, self.row_weights, strict=True)):
            model = LogisticRegression(C=1e3).fit(self.anchor[rows, None], label[rows], sample_weight=weights[rows])
            for variable, value in (
                (self.network.scorer.gain, model.coef_),
                (self.network.scorer.offset, model.intercept_),
            ):
                variable.assign(ops.slice_update(variable, (member, 0), np.reshape(value, (1, 1)).astype(np.float32)))

    def _learning_rate(self) -> Any:
        self.epochs = min(MOST_EPOCHS, max(FEWEST_EPOCHS, STEPS // self.steps))
        rate = self.network.network.learning_rate
        return keras.optimizers.schedules.CosineDecay(rate, self.steps * self.epochs)

    def _batch_size(self, rows: int) -> int:
        return self.network.network.batch_size * (2 if rows >= MANY_ROWS else 1)

    def _step(self, *batch: Any) -> None:
        super()._step(*batch)
        keep = tf.minimum(MEMORY, (1 + self.taken) / (10 + self.taken))
        for average, variable in zip(self.average, self.variables, strict=True):
            average.assign(keep * average + (1 - keep) * variable)
        self.taken.assign_add(1.0)

    def _deduce(self) -> None:
        left, right = number_items(self.pairs.left, self.pairs.right)
        label = self.pairs.known_label
        self.share = deduced_share(left, right, label, ~self.trains)
        if self.share:
            self.place = np.unique(np.concatenate([left, right]), return_index=True)[1]  # of an item, in the bank
            self.deductions = [Deduction(left[rows], right[rows], label[rows]) for rows in self.trains]

    def _pool(self) -> tuple[Any, ...]:
        """The labelled rows, a random part of them replaced by deduced pairs of the same share of "same"."""
        if not self.share:
            return super()._pool()
        pools = [self._member_pool(member) for member in range(len(self.trains))]
        return tuple(tf.constant(np.stack(part)) for part in zip(*pools, strict=True))

    def _member_pool(self, member: int) -> tuple[Array, ...]:
        label, weights = self.pairs.known_label, self.row_weights[member]
        rows = self.random.permutation(np.flatnonzero(self.trains[member]))
        length = self.steps * self.batch
        rows = rows[: length - round(self.share * length)]
        deduced = length - len(rows)
        same = round(deduced * float(label[rows].mean()))
        left, right, implied = self.deductions[member].draw(self.random, same, deduced - same)
        of_class = np.array([weights[label == value].mean() for value in (0, 1)])
        return (
            np.concatenate([rows, self.place[left]]).astype(np.int32),
            np.concatenate([rows + len(label), self.place[right]]).astype(np.int32),
            np.concatenate([label[rows], implied]).astype(np.float32),
            np.concatenate([weights[rows], of_class[implied]]).astype(np.float32),
        )


def _assign(variables: Any, values: Any) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
