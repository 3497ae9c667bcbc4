"""A trained network at work: its scores without TensorFlow, by numpy, on all cores."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from twinflow.models.heads.registry import HEADS
from twinflow.models.model_file import read_archive, read_weights
from twinflow.models.network_settings import NetworkSettings
from twinflow.models.numpy_layers import Encoded, Weights, take
from twinflow.models.size import check_size
from twinflow.statistics.arrays import Array
from twinflow.system.files import refused_if_damaged

CHUNK_ROWS = 512  # pairs that a core takes at a time: fewer read the weights too often, more leave its cache


class ScoringNetwork:
    """Scores pairs of vectors as `TwinNetwork` does: larger means "more the same", and the sides can be swapped.

    Args:
        head: name of the head in `twinflow.models.heads.registry.HEADS`.
        settings: of the network and its fit.
        side_width: d, numbers a vector.
        members: k, at least 1.
        weights: those of the head's layer, by name.
    """

    def __init__(self, head: str, settings: NetworkSettings, side_width: int, members: int, weights: Weights) -> None:
        self.head, self.side_width, self.members = head, side_width, members
        self.forward = HEADS[head].forward(settings, weights)

    def scores(self, left: Array, right: Array) -> Array:
        """Scores (n,) float32 of pairs, (n, d) twice: the mean over the members.

        Raises:
            ValueError: a side is not `side_width` wide.
        """
        return self._scored(left, right, 1, lambda scores: scores.mean(axis=0)).reshape(-1)

    def independent_scores(self, left: Array, right: Array, first: int = 0) -> Array:
        """`scores` of pairs of a table, the same to the last bit whatever pairs are scored with them, and how many.

        The last bits of a row of a matrix product depend on its place, and on the number of rows. So each pair stands
        where its number in the table puts it in a chunk, and zeros stand for the others.

        Args:
            first: number of the first pair in the table.
        """
        ahead = first % CHUNK_ROWS
        around = [(ahead, -(ahead + len(left)) % CHUNK_ROWS), (0, 0)]
        return self.scores(*(np.pad(side, around) for side in (left, right)))[ahead : ahead + len(left)]

    def member_scores(self, left: Array, right: Array) -> Array:
        """Scores (k, n) float32 of pairs, (n, d) twice, one row a member; errors as in `scores`."""
        return self._scored(left, right, self.members, lambda scores: scores)

    def encode(self, vectors: Array) -> Encoded:
        """All that is to be worked out of vectors (n, d) one by one, for `scores_of`."""
        vectors = np.asarray(vectors, np.float32)
        first = self._encoded(vectors[:CHUNK_ROWS])
        out = tuple(np.empty((*part.shape[:-2], len(vectors), part.shape[-1]), np.float32) for part in first)

        def fill(rows: slice) -> None:
            for whole, part in zip(out, self._encoded(vectors[rows]), strict=True):
                whole[..., rows, :] = part

        _on_all_cores(fill, len(vectors))
        return out

    def scores_of(self, encoded: Encoded, left: Array, right: Array) -> Array:
        """Scores (n,) float32, as `scores`, of pairs whose vectors stand among encoded ones at these places, (n,)."""
        out = np.empty(len(left), np.float32)

        def score(rows: slice) -> None:
            with np.errstate(all="ignore"):
                out[rows] = self.forward.score(take(encoded, left[rows]), take(encoded, right[rows])).mean(axis=0)

        _on_all_cores(score, len(left))
        return out

    def _encoded(self, vectors: Array) -> Encoded:
        with np.errstate(all="ignore"):  # a pair of numbers too large to work with has no finite score
            return self.forward.encode(vectors)

    def embeddings(self, vectors: Array) -> Array:
        """Where each member's tower puts vectors (n, d): (k, n, e); (1, n, d) where the head has no tower."""
        with np.errstate(all="ignore"):
            return self.forward.embed(np.asarray(vectors, np.float32))

    def _scored(self, left: Array, right: Array, rows_out: int, made: Callable[[Array], Array]) -> Array:
        left, right = np.asarray(left, np.float32), np.asarray(right, np.float32)
        for side, vectors in (("left", left), ("right", right)):
            if vectors.ndim != 2 or vectors.shape[1] != self.side_width:
                raise ValueError(f"{side}: expected shape (n, {self.side_width}), found {vectors.shape}")
        out = np.empty((rows_out, len(left)), np.float32)

        def score(rows: slice) -> None:
            with np.errstate(all="ignore"):  # a pair of numbers too large to work with has no finite score
                both = np.concatenate([left[rows], right[rows]])
                encoded, half = self.forward.encode(both), len(both) // 2
                sides = take(encoded, slice(half)), take(encoded, slice(half, None))
                out[:, rows] = made(self.forward.score(*sides))

        _on_all_cores(score, len(left))
        return out


def load_network(path: Path) -> ScoringNetwork:
    """The network of a run's model.keras.

    Raises:
        ArtifactError: the file holds something else, leads to another file, or is damaged.
    """
    with refused_if_damaged(path, "a network of twinflow"):
        network = _network(*_read(path))
        one = np.ones((1, network.side_width), np.float32)
        network.member_scores(one, one)  # trees that lead nowhere don't get through
    return network


def network_sha256(path: Path) -> str:
    """SHA-256 of the network of a run's model.keras: of its configuration and weights, not of when it was saved.

    Raises:
        ArtifactError: as `load_network`.
    """
    with refused_if_damaged(path, "a network of twinflow"):
        config, weights = _read(path)
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name, array in sorted(weights.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _read(path: Path) -> tuple[Mapping[str, Any], Weights]:
    """The configuration and the weights that a file holds."""
    described, content = read_archive(path)
    if described["registered_name"] != "twinflow>TwinNetwork":
        raise ValueError(described["registered_name"] or described["class_name"])
    config = described["config"]
    settings, forward = NetworkSettings.from_config(config["network"]), HEADS[config["head"]].forward
    check_size(HEADS[config["head"]], settings, config["side_width"], config["members"])
    return config, read_weights(content, forward.shapes(settings, config["side_width"], config["members"]))


def _network(config: Mapping[str, Any], weights: Weights) -> ScoringNetwork:
    return ScoringNetwork(
        config["head"],
        NetworkSettings.from_config(config["network"]),
        config["side_width"],
        config["members"],
        weights,
    )


def _on_all_cores(work: Callable[[slice], None], rows: int) -> None:
    """Each core takes a chunk of the rows at a time; the matrix products keep to the core they are called on.

    Less than a chunk is sooner done than handed out.
    """
    if rows < CHUNK_ROWS:
        work(slice(rows))
        return
    from threadpoolctl import threadpool_limits

    chunks = [slice(start, start + CHUNK_ROWS) for start in range(0, rows, CHUNK_ROWS)]
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(_cores()) as pool:
        list(pool.map(work, chunks))


def _cores() -> int:
    """Cores that this process may use: as many as `OMP_NUM_THREADS` says, which Dask sets for its workers, or all."""
    if (said := os.environ.get("OMP_NUM_THREADS", "")).isdigit():
        return max(1, int(said))
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
