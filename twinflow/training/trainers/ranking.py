"""The fit of head `ranking`: triplets of rows that share an item, the hardest of each batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from twinflow.data.items import number_sides
from twinflow.errors import SettingsError
from twinflow.models.losses import ranking
from twinflow.statistics.arrays import Array
from twinflow.training.gradient_trainer import GradientTrainer
from twinflow.training.trainer import Measured

if TYPE_CHECKING:
    from twinflow.data.pairs import Pairs
    from twinflow.models.network import TwinNetwork

RIVALS = 4  # different rows that a same row is held against, at most; more cost time in proportion


class RankingTrainer(GradientTrainer):
    """Trains on the same rows that have rivals: different rows that share an item with them.

    Only labelled rows are rivals: two items of a batch that no row names together may well be the same. A row and its
    rivals train the same member or validate it together, so both losses are measured alike.

    Args:
        network, pairs, trains, weights, seed, epochs: as in `GradientTrainer`.

    Raises:
        SettingsError: no same row of a member's training or validation rows has a rival.
    """

    def __init__(
        self, network: TwinNetwork, pairs: Pairs, trains: Array, weights: Array, seed: int, epochs: int
    ) -> None:
        table = [find_rivals(pairs, rows, seed) for rows in trains]
        self.has_rivals = np.stack([has for has, _ in table])
        _check(self.has_rivals, trains)
        super().__init__(network, pairs, trains & self.has_rivals, weights, seed, epochs)
        self.places = np.stack([rivals for _, rivals in table])
        self.rivals = tf.constant(self.places)
        self.places_of_rows = [tf.constant(side, tf.int32) for side in pairs.places]

    def measure(self, scores: Array) -> Measured:
        """Loss of each same row that has rivals, and whether it scores above all of them."""
        against = np.stack([row[places] for row, places in zip(scores, self.places, strict=True)])
        losses = keras.ops.convert_to_numpy(ranking(scores, against, self.network.settings.margin))
        return Measured(losses, scores > against.max(axis=-1), self.has_rivals)

    def _places(self, pairs: Pairs, rows: Array) -> tuple[Array, Array]:
        """The rows themselves: their rivals are known by rows."""
        return rows, rows

    def _losses(self, bank: Any, rows: Any, *_: Any) -> Any:
        """Losses (k, batch) of the rows (k, batch), each with its rivals, dropout on."""
        members, batch = rows.shape
        every = tf.concat([rows[..., None], tf.gather(self.rivals, rows, batch_dims=1)], axis=-1)
        flat = tf.reshape(every, (members, -1))
        left, right = (tf.gather(bank, tf.gather(at, flat)) for at in self.places_of_rows)
        scores = self.network.member_scores(left, right, training=True)
        scores = tf.reshape(scores, (members, batch, 1 + RIVALS))
        return ranking(scores[..., 0], scores[..., 1:], self.network.settings.margin)


def find_rivals(pairs: Pairs, side: Array, seed: int) -> tuple[Array, Array]:
    """For each same row, different rows that share an item with it, on the same side of the split.

    Args:
        pairs: n labelled pairs.
        side: (n,) which side of the split a row is on.

    Returns:
        Whether a row is a same row that has rivals, bool (n,); and `RIVALS` rows, drawn where there are more and
        repeated where there are fewer, int32 (n, RIVALS); a row without rivals names itself.
    """
    random = np.random.default_rng(seed)
    label = pairs.known_label
    items = np.stack(number_sides(pairs), axis=1)
    different = np.flatnonzero(label == 0)
    by_item: dict[tuple[int, bool], list[int]] = {}
    for row in different.tolist():
        for item in set(items[row].tolist()):
            by_item.setdefault((item, bool(side[row])), []).append(row)
    has = np.zeros(len(pairs), bool)
    rivals = np.repeat(np.arange(len(pairs), dtype=np.int32)[:, None], RIVALS, axis=1)
    for row in np.flatnonzero(label == 1).tolist():
        found = [rival for item in items[row].tolist() for rival in by_item.get((item, bool(side[row])), ())]
        if found:
            has[row] = True
            rivals[row] = random.permutation(found)[:RIVALS] if len(found) >= RIVALS else np.resize(found, RIVALS)
    return has, rivals


def _check(has_rivals: Array, trains: Array) -> None:
    for member, (has, rows) in enumerate(zip(has_rivals, trains, strict=True)):
        for verb, own in (("train", rows), ("validate", ~rows)):
            if not (has & own).any():
                raise SettingsError(
                    f"head: expected for 'ranking' a same and a different pair that share an item among the rows that "
                    f"{verb} member {member + 1}, found none; choose another head, or validation 'grouped', which "
                    f"keeps such pairs together"
                )
