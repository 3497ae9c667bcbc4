"""The fit of head `anchored`: averaged weights, deduced pairs, and the last word to the validation rows."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from twinflow.data.items import number_sides
from twinflow.data.similarity import cosine
from twinflow.statistics.arrays import Array
from twinflow.system.memory import give_back
from twinflow.training.gradient_trainer import GradientTrainer
from twinflow.training.implied_pairs import Deduction, deduced_share
from twinflow.training.trainers.anchored_blend import FALLBACK, blend
from twinflow.training.trainers.anchored_distance import train_distance
from twinflow.training.trainers.anchored_trees import grow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twinflow.data.pairs import Pairs
    from twinflow.models.network import TwinNetwork
    from twinflow.training.checkpoint import State


MOST_EPOCHS, FEWEST_EPOCHS, STEPS = 40, 15, 1000  # about as many steps as `STEPS`, between so many epochs
MEMORY = 0.98  # of the averaged weights, once there are enough steps to average over
MANY_ROWS = 3200  # a member's; from there on the batches are twice as large


class AnchoredTrainer(GradientTrainer):
    """Trains by AdamW with a rate that falls to 0 along a cosine, and keeps an average of the weights.

    The averaged weights are those that are measured and kept (Polyak and Juditsky, 1992; here exponentially). Epoch 0,
    which is plain cosine, is a candidate. Where the training pairs imply others, a share of each epoch is those.

    Args:
        network, pairs, trains, weights, seed, epochs: as in `GradientTrainer`.
    """

    first = 0

    def __init__(
        self, network: TwinNetwork, pairs: Pairs, trains: Array, weights: Array, seed: int, epochs: int
    ) -> None:
        self.allowed = epochs
        super().__init__(network, pairs, trains, weights, seed, epochs)
        self.random = np.random.default_rng(seed)
        beside = ThreadPoolExecutor(1)  # the trees keep to one core, and building graphs to another
        self.growing = beside.submit(grow, pairs, trains, seed)
        beside.shutdown(wait=False)
        self.anchor = pairs.each(cosine)
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

    def state(self) -> State:
        """As in `GradientTrainer`, with what the deduced pairs are drawn from."""
        return {**super().state(), "random": np.array(json.dumps(self.random.bit_generator.state))}

    def restore(self, state: State) -> None:
        """Go back to what `state` gave."""
        super().restore(state)
        self.random.bit_generator.state = json.loads(str(state["random"]))

    def _changing(self) -> list[Any]:
        return [*super()._changing(), *self.current, *self.average, self.taken]

    def finish(self, scores: Array) -> tuple[Array, str | None]:
        """Put the score together on the validation rows; it is cosine alone where nothing learned helps.

        Args:
            scores: (k, n), all rows by all members at their kept epochs.

        Returns:
            The scores (k, n) as they are now, right where a member validates; why plain cosine is used, if it is.
        """
        give_back()  # before another network is trained
        given = (self.pairs, self.trains, self.weights, self.seed, self.allowed)
        distances, plant_distance = train_distance(self.network, *given)
        odds, plant_trees = self.growing.result()
        parts = {"network": scores, "distance": distances, "trees": odds}
        chosen = blend(self.pairs.known_label, self.trains, self.weights, self.anchor, parts)
        if not self.replicas.chiefs(np.array([len(chosen.gains)])).any():  # all score again, or none
            _assign(self.variables, self.start)
            return self.scores(), FALLBACK
        scorer = self.network.scorer
        scorer.score_offset.assign([chosen.offset])
        gains = (scorer.network_gain, scorer.distance_gain, scorer.tree_gain)
        for name, gain in zip(parts, gains, strict=True):
            gain.assign([chosen.gains.get(name, 0.0)])
        if "distance" in chosen.gains:
            plant_distance(scorer.distance)
        if "trees" in chosen.gains:
            plant_trees(scorer.trees)
        return chosen.score(parts), None

    def _start_as_cosine(self) -> None:
        """Begin each member as the logistic regression of its rows' labels on their cosine."""
        from sklearn.linear_model import LogisticRegression

        label = self.pairs.known_label
        for member, (rows, weights) in enumerate(zip(self.trains, self.weights, strict=True)):
            model = LogisticRegression(C=1e3).fit(self.anchor[rows, None], label[rows], sample_weight=weights[rows])
            for variable, value in (
                (self.network.scorer.gain, model.coef_),
                (self.network.scorer.offset, model.intercept_),
            ):
                variable.assign(ops.slice_update(variable, (member, 0), np.reshape(value, (1, 1)).astype(np.float32)))
        self.replicas.take_chiefs([self.network.scorer.gain, self.network.scorer.offset])

    def _learning_rate(self) -> Any:
        self.epochs = min(self.allowed, MOST_EPOCHS, max(FEWEST_EPOCHS, STEPS // self.steps))
        rate = self.network.settings.learning_rate
        return keras.optimizers.schedules.CosineDecay(rate, self.steps * self.epochs)

    def _batch_size(self, rows: int) -> int:
        return self.network.settings.batch_size * (2 if rows >= MANY_ROWS else 1)

    def _member_scores(self, left: Any, right: Any) -> Any:
        """The logit alone: before the end nothing else has a say, and building the other parts' graph takes a while."""
        return self.network.scorer.logit(left, right)

    def _step(self, *batch: Any) -> None:
        super()._step(*batch)
        keep = tf.minimum(MEMORY, (1 + self.taken) / (10 + self.taken))
        for average, variable in zip(self.average, self.variables, strict=True):
            # where each copy stands: the replicas' weights are the same, and nothing need be sent
            self.replicas.strategy.extended.update(average, _towards, args=(variable.value, keep))
        self.taken.assign_add(1.0)

    def _deduce(self) -> None:
        self.share = 0.0
        if not self.in_memory:  # a deduced pair's vectors may stand in any shard
            return
        left, right = number_sides(self.pairs)
        label = self.pairs.known_label
        self.share = deduced_share(left, right, label, ~self.trains)
        if self.share:
            first = np.unique(np.concatenate([left, right]), return_index=True)[1]
            self.place = np.concatenate(self.pairs.places)[first]  # of an item, in the bank
            self.deductions = [Deduction(left[rows], right[rows], label[rows]) for rows in self.trains]

    def _shards(self, number: int) -> Iterator[tuple[Any, ...]]:
        """The labelled rows, a random part of them replaced by deduced pairs of the same share of "same"."""
        if not self.share:
            yield from super()._shards(number)
            return
        pools = [self._member_pool(member) for member in range(len(self.trains))]
        yield *self.whole[:2], *(tf.constant(np.stack(part)) for part in zip(*pools, strict=True))

    def _member_pool(self, member: int) -> tuple[Array, ...]:
        label, weights = self.pairs.known_label, self.weights[member]
        left_at, right_at = self.pairs.places
        rows = self.random.permutation(np.flatnonzero(self.trains[member]))
        length = self.steps * self.batch
        rows = rows[: length - round(self.share * length)]
        deduced = length - len(rows)
        same = round(deduced * float(label[rows].mean()))
        left, right, implied = self.deductions[member].draw(self.random, same, deduced - same)
        of_class = np.array([weights[label == value].mean() for value in (0, 1)])
        return (
            np.concatenate([left_at[rows], self.place[left]]).astype(np.int32),
            np.concatenate([right_at[rows], self.place[right]]).astype(np.int32),
            np.concatenate([label[rows], implied]).astype(np.float32),
            np.concatenate([weights[rows], of_class[implied]]).astype(np.float32),
        )


def _towards(average: Any, variable: Any, keep: Any) -> None:
    average.assign(keep * average + (1 - keep) * variable)


def _assign(variables: Any, values: Any) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
