"""Pairs that a model knows: it was trained on them, or its threshold was chosen on them. What they say of it flatters.

A run keeps a mark of each, eight bytes, by which it is found in any file, mirrored or not.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twinflow.data.hashing import item_marks, number_pairs, pair_marks
from twinflow.data.items import number_sides
from twinflow.data.pair_store import load_kept
from twinflow.data.pairs import Pairs
from twinflow.runs import files
from twinflow.statistics.arrays import Flags
from twinflow.system.atomic import atomic
from twinflow.system.files import refused_if_damaged
from twinflow.system.json_files import Document

Marks = NDArray[np.uint64]

LEAST_OF_A_CLASS = 10  # fewer pairs of a class leave its share called right unknown to ±0.3


def marks_of(pairs: Pairs) -> Marks:
    """The marks (n,) of pairs."""
    return pair_marks(*pairs.both(item_marks))


def are_known(pairs: Pairs, known: Marks) -> Flags:
    """Which pairs (n,) have one of the marks."""
    return np.isin(marks_of(pairs), known)


def pairs_that_judge(work: Path) -> tuple[Pairs, Document]:
    """The test pairs in a run's working folder that can have a score, but for those that are training pairs too.

    Vectors that are equal up to rounding are equal, as in the audit. Where too few others of a class are left, the
    training pairs among them stay, and what they say flatters.

    Returns:
        The pairs; and of the test pairs that are training pairs their `count` among all `rows`, and whether they are
        `left_out`.
    """
    test, training = (load_kept(work / part) for part in ("test", "train"))
    left, right, *known = number_sides(test, training)
    numbers = number_pairs(*(np.concatenate(sides) for sides in zip((left, right), known, strict=True)))
    is_known = np.isin(numbers[: len(test)], numbers[len(test) :])
    all_of, others = (np.bincount(label, minlength=2) for label in (test.known_label, test.known_label[~is_known]))
    left_out = bool((others >= np.minimum(LEAST_OF_A_CLASS, all_of / 2)).all())
    told = {"count": int(is_known.sum()), "rows": len(test), "left_out": left_out}
    return test.take(np.flatnonzero(~is_known)) if left_out else test, told


def write_known(run: Path, marks: Marks) -> None:
    """Keep the marks of the pairs that a run's model knows."""
    with atomic(run / files.KNOWN_PAIRS) as path:
        np.save(path, np.unique(marks))


def read_known(run: Path) -> Marks:
    """The marks of the pairs that a run's model knows; of a run of version 0.1.0, of those with a validation score.

    Raises:
        ArtifactError: a file of the run is missing or holds something else.
    """
    kept = run / files.KNOWN_PAIRS
    if kept.exists():
        with refused_if_damaged(kept, "the marks of a run's pairs"):
            found = np.load(kept, allow_pickle=False)
            if found.dtype != np.uint64 or found.ndim != 1:
                raise ValueError(f"an array of shape {found.shape} and type {found.dtype}")
            return np.asarray(found)
    scored = [run / name for name in (files.VALIDATION_SCORES, files.TRAINING_SCORES) if (run / name).exists()]
    return np.concatenate([np.empty(0, np.uint64), *map(_marks_of_scores, scored)])


def _marks_of_scores(path: Path) -> Marks:
    with refused_if_damaged(path, "scores of pairs"):
        scores = pd.read_parquet(path, columns=["left_item", "right_item"])
        return pair_marks(scores["left_item"].to_numpy(np.uint64), scores["right_item"].to_numpy(np.uint64))
