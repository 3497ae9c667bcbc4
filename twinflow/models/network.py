"""The twin network: the members of a cross-fit in one Keras model, trained together; `ScoringNetwork` works with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import keras
from keras import ops

from twinflow.data.pairs import Pairs
from twinflow.models.heads.registry import HEADS
from twinflow.models.model_file import plain_arrays
from twinflow.models.network_settings import NetworkSettings


@keras.saving.register_keras_serializable(package="twinflow")
class TwinNetwork(keras.Model):
    """Scores pairs of vectors: larger means "more the same", and the sides can be swapped.

    Scoring is keras.ops throughout, and float32 whatever the dtype policy.

    Args:
        head: name of the head in `twinflow.models.heads.registry.HEADS`.
        settings: of the network and its fit.
        side_width: d, numbers a vector.
        members: k, at least 1.
        seed: of the first weights and of dropout.

    Example:
        >>> network = TwinNetwork("euclidean", HEADS["euclidean"].defaults, side_width=200, members=5)
        >>> network([left, right]).shape  # left, right: (64, 200)
        TensorShape([64])
    """

    def __init__(self, head: str, settings: NetworkSettings, side_width: int, members: int = 1, seed: int = 0) -> None:
        super().__init__(name="twin_network", dtype="float32")
        self.head, self.settings, self.side_width, self.members, self.seed = head, settings, side_width, members, seed
        self.scorer = HEADS[head].build(settings, side_width, members, seed)
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Scores (n,): the mean over the members.

        Args:
            inputs: [left, right] or {"left": left, "right": right}, each (n, d).
        """
        return ops.mean(self.member_scores(*_sides(inputs), training=training), axis=0)

    def member_scores(self, left: Any, right: Any, training: bool = False) -> Any:
        """Scores (k, n), one row a member.

        Args:
            left, right: (n, d), shared by the members, or (k, n, d), a batch for each.
            training: whether dropout is on.

        Raises:
            ValueError: a side is not `side_width` wide.
        """
        left, right = ops.convert_to_tensor(left, "float32"), ops.convert_to_tensor(right, "float32")
        for side, vectors in (("left", left), ("right", right)):
            if len(vectors.shape) not in (2, 3) or vectors.shape[-1] != self.side_width:
                raise ValueError(
                    f"{side}: expected shape (n, {self.side_width}) or (members, n, {self.side_width}), "
                    f"found {tuple(vectors.shape)}"
                )
        return self.scorer(left, right, training=training)

    def adapt(self, pairs: Pairs) -> None:
        """Take from the training rows what the head is to know of them before the fit."""
        self.scorer.adapt(pairs)

    def load_own_variables(self, store: Any) -> None:
        """Check the file that Keras is about to load weights from, of which this network has none of its own.

        Raises:
            ValueError: it is no HDF5 file of plain arrays; nothing is loaded of it.
        """
        file = getattr(store, "h5_file", None)
        try:
            if file is None:
                raise ValueError("weights: expected them in one HDF5 file, found another form")
            plain_arrays(file)
        except ValueError:
            store.close()  # for Keras goes on, and tells of the error when it has tried all layers
            raise
        super().load_own_variables(store)

    def get_config(self) -> dict[str, Any]:
        """All that `from_config` needs to build the same network again, weights aside."""
        names = ("head", "side_width", "members", "seed")
        return {name: getattr(self, name) for name in names} | {"network": asdict(self.settings)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> TwinNetwork:
        """The network that `get_config` described, with weights of its own."""
        rest = {name: value for name, value in config.items() if name != "network"}
        return cls(settings=NetworkSettings.from_config(config["network"]), **rest)


def _sides(inputs: Any) -> tuple[Any, Any]:
    """The sides of a pair, bound by name where there are names: Keras sorts a dictionary's keys."""
    if isinstance(inputs, Mapping):
        if set(inputs) != {"left", "right"}:
            raise ValueError(f"inputs: expected the keys 'left' and 'right', found {sorted(inputs)}")
        return inputs["left"], inputs["right"]
    if not isinstance(inputs, list | tuple) or len(inputs) != 2:
        raise ValueError("inputs: expected [left, right] or {'left': left, 'right': right}")
    return inputs[0], inputs[1]
