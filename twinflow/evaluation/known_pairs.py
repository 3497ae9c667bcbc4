"""Pairs that a model knows: it was trained on them, or its threshold was chosen on them. What they say of it flatters.

A run keeps a mark of each, eight bytes, by which it is found in any file, mirrored or not.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twinflow.data.hashing import item_marks, pair_marks
from twinflow.data.pair_store import load_kept
from twinflow.data.pairs import Pairs
from twinflow.errors import DataError, Violation
from twinflow.runs import files
from twinflow.statistics.arrays import Flags
from twinflow.statistics.numbers import count
from twinflow.system.atomic import atomic
from twinflow.system.files import refused_if_damaged
from twinflow.system.json_files import Document

Marks = NDArray[np.uint64]


def marks_of(pairs: Pairs) -> Marks:
    """The marks (n,) of pairs."""
    return pair_marks(*pairs.both(item_marks))


def are_known(pairs: Pairs, known: Marks) -> Flags:
    """Which pairs (n,) have one of the marks."""
    return np.isin(marks_of(pairs), known)


def pairs_that_judge(work: Path) -> Pairs:
    """The test pairs in a run's working folder that can have a score, and stand nowhere among the training pairs."""
    test, training = (load_kept(work / part) for part in ("test", "train"))
    return test.take(np.flatnonzero(~are_known(test, marks_of(training))))


def refuse_known_test(between: Document, rows: int, file: str) -> None:
    """Refuse a test file whose pairs all stand in the training file.

    Args:
        between: what the audit found between the two files.
        rows: of the test file.

    Raises:
        DataError: they do.
    """
    if between["exact_duplicates"]["count"] + between["mirrored_duplicates"]["count"] == rows:
        expected, found = "pairs that the network is not trained on", f"all {count(rows, 'pair')} in the training file"
        raise DataError([Violation(file, expected, found)])


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
