"""The profile of the training pairs, which checks compare with: a bounded sample of them, and its member view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sample_rows
from twinflow.monitoring.drift import check_drift
from twinflow.monitoring.member_view import Axes, MemberView, draw_members, first_view, member_view
from twinflow.statistics.arrays import Ints
from twinflow.system.atomic import atomic
from twinflow.system.files import refused_if_damaged

if TYPE_CHECKING:
    from twinflow.models.scoring_network import ScoringNetwork

SAMPLE_ROWS = 2_000  # 200 + 200 numbers a pair make 3 MB of them
SIZES = {  # of the arrays in the file: n pairs of d numbers, c components, k members, e of an embedding, 2 counts
    "left": "nd",
    "right": "nd",
    "label": "n",
    "scores": "n",
    "left_components": "nc",
    "right_components": "nc",
    "mean": "ke",
    "axes": "kec",
    "counts": "2",
}


@dataclass(frozen=True)
class Profile:
    """The training pairs in short; its size does not grow with their number.

    Cosine, norms and probabilities are not stored: they follow from the vectors and the scores.

    Args:
        pairs: at most `SAMPLE_ROWS` of the training pairs, drawn uniformly, with their labels.
        view: what the member that was not trained on the pair makes of it; NaN where every member was.
        axes: of the embeddings' main components.
        rows, same: of all training pairs.
    """

    pairs: Pairs
    view: MemberView
    axes: Axes
    rows: int
    same: int

    def save(self, path: Path) -> None:
        """Write the profile as .npz, whole or not at all."""
        arrays: dict[str, Any] = {
            "left": self.pairs.left,
            "right": self.pairs.right,
            "label": self.pairs.known_label,
            "scores": self.view.scores,
            "left_components": self.view.left,
            "right_components": self.view.right,
            "mean": self.axes.mean,
            "axes": self.axes.axes,
            "counts": np.array([self.rows, self.same]),
        }
        with atomic(path) as temporary:
            np.savez_compressed(temporary, **arrays)

    @classmethod
    def load(cls, path: Path) -> Profile:
        """What `save` wrote.

        Raises:
            ArtifactError: the file is missing or holds something else.
        """
        with refused_if_damaged(path, "the profile of a run's training pairs"):
            with np.load(path, allow_pickle=False) as file:
                found = {name: file[name] for name in SIZES}
            _check_sizes(found)
            rows, same = map(int, found["counts"])
        return cls(
            Pairs(found["left"], found["right"], found["label"]),
            MemberView(found["scores"], found["left_components"], found["right_components"]),
            Axes(found["mean"], found["axes"]),
            rows,
            same,
        )


def _check_sizes(arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    sizes: dict[str, int] = {}
    for name, letters in SIZES.items():
        shape, kind = arrays[name].shape, arrays[name].dtype.kind
        alike = all(sizes.setdefault(letter, size) == size for letter, size in zip(letters, shape, strict=True))
        if not alike or kind not in "if":
            raise ValueError(f"{name!r} of shape {shape} and type {arrays[name].dtype}")


def make_profile(network: ScoringNetwork, pairs: Pairs, folds: Ints, seed: int) -> Profile:
    """The profile of the training pairs (n).

    Args:
        folds: the member that was not trained on the pair, (n,); −1 where all were.
        seed: draws the sample.
    """
    kept = sample_rows(len(pairs), SAMPLE_ROWS, seed)
    some = pairs.take(kept)
    members = np.asarray(folds[kept], np.int64)
    view, axes = first_view(network, some, members)
    return Profile(some, view, axes, len(pairs), int(pairs.known_label.sum()))


def check_against(
    profile: Profile, network: ScoringNetwork, pairs: Pairs, columns: PairColumns, threshold: float, **more: Any
) -> tuple[dict[str, Any], MemberView]:
    """`check_drift` of new pairs against a profile, on equal terms.

    Args:
        more: handed on to `check_drift`.

    Returns:
        the document of `drift.json`, and the member view of the pairs.
    """
    view = member_view(network, pairs, draw_members(network.members, pairs), profile.axes)
    reference = profile.view
    document = check_drift(
        profile.pairs,
        pairs,
        columns,
        reference.scores,
        view.scores,
        threshold=threshold,
        embeddings=((reference.left, reference.right), (view.left, view.right)),
        **more,
    )
    return document, view
