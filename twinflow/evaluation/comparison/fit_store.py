"""Finished fits, kept by what they were made from, so that none is made twice.

A fit is a sealed folder named by its key. One whose files are gone or were altered counts as not there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from twinflow.calibration.recalibration import CHANGEABLE
from twinflow.errors import ArtifactError
from twinflow.evaluation.overfitting import seen_scores
from twinflow.runs import files
from twinflow.runs.folder import check_run, seal
from twinflow.statistics.arrays import Array
from twinflow.system.atomic import atomic_folder
from twinflow.system.json_files import write_json
from twinflow.system.permissions import make_folder
from twinflow.system.versions import versions

if TYPE_CHECKING:
    from twinflow.data.pairs import Pairs
    from twinflow.settings import Settings
    from twinflow.training.fit import Fit

UNREAD = {*CHANGEABLE, "minimum_auc", "ids"}  # settings that no fit reads: to change one keeps the fits
LIBRARY = Path(__file__).parents[2]
ROOMS = ("data", "models", "statistics", "system", "training")  # all that a fit imports from, beside the files above


def fit_key(train_sha256: str, settings: Settings, split_seed: int, share: float) -> str:
    """What a fit is known by: the training file, all that the fit reads of the settings, the versions and the code.

    Args:
        train_sha256: of the training file.
        settings: of the system, its seed among them.
        split_seed: of the folds, which all systems and seeds share.
        share: of the training rows that are used.
    """
    given = {
        "train": train_sha256,
        "settings": settings.in_force.model_dump(mode="json", exclude=UNREAD),
        "split_seed": split_seed,
        "share": share,
        "versions": versions(),
        "code": _code(),
    }
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:24]


def is_kept(folder: Path) -> bool:
    """Whether `folder` holds a finished fit whose files are all as they were written."""
    try:
        check_run(folder)
    except ArtifactError:
        return False
    return True


def keep_fit(folder: Path, fitted: Fit, pairs: Pairs, rows: Array, folds: Array) -> None:
    """Write a fit to `folder`, whole or not at all.

    Args:
        folder: replaced where it is there.
        fitted: on `pairs` with `folds`.
        pairs, folds: n labelled pairs, and the members they validate.
        rows: file lines of the pairs, (n,).
    """
    from twinflow.training.trainer import member_scores

    make_folder(folder.parent)
    shutil.rmtree(folder, ignore_errors=True)
    with atomic_folder(folder) as temporary:
        fitted.network.save(temporary / files.MODEL)
        fitted.history.to_csv(temporary / files.HISTORY, index=False)
        seen = seen_scores(member_scores(fitted.network, pairs), folds)
        scores = {"row": rows, "label": pairs.known_label, "score": fitted.scores, "seen": seen}
        pd.DataFrame(scores).to_parquet(temporary / files.TRAIN_SCORES, index=False)
        write_json(temporary / files.RECORD, fitted.record)
        seal(temporary)


def _code() -> str:
    """SHA-256 of the rooms a fit is made in: between two releases the version says nothing of them."""
    digest = hashlib.sha256()
    for path in sorted([*LIBRARY.glob("*.py"), *(path for room in ROOMS for path in (LIBRARY / room).rglob("*.py"))]):
        digest.update(str(path.relative_to(LIBRARY)).encode() + path.read_bytes())
    return digest.hexdigest()
