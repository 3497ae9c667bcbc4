"""The fit: all members of a cross-fit at once, each stopped early with its best weights kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd

from twinflow.errors import FitError, SettingsError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.network_settings import NetworkSettings
from twinflow.models.size import least_bytes
from twinflow.statistics.arrays import Array
from twinflow.system.memory import machine_bytes
from twinflow.system.versions import versions
from twinflow.training.best_weights import BestWeights
from twinflow.training.checkpoint import Checkpoint
from twinflow.training.distributed.replicas import Replicas
from twinflow.training.progress import FitProgress
from twinflow.training.shards import IN_MEMORY, fit_in_memory
from twinflow.training.trainer import Measured, Trainer
from twinflow.training.trainers.registry import trainer_of

if TYPE_CHECKING:
    from twinflow.data.pairs import Pairs
    from twinflow.settings import Settings

COLLAPSED = 1e-6  # spread of the validation scores, beside their size, under which they are all the same


@dataclass(frozen=True)
class Fit:
    """A fitted network and how it came about.

    Args:
        network: each member with the weights of its best epoch.
        scores: (n,) float32, each row's score by the member that did not train on it; NaN where no member validates.
        history: epoch, member, loss, val_loss, accuracy, val_accuracy; a member's rows end where it stopped, and there
            are none where the head has nothing to learn.
        record: members, parameters, kept_epochs (one a member), epochs, rows, seconds, fallback; fit for JSON.
    """

    network: TwinNetwork
    scores: Array
    history: pd.DataFrame
    record: dict[str, Any]


def fit(
    pairs: Pairs,
    folds: Array,
    settings: Settings,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoint: Path | None = None,
) -> Fit:
    """Train one member a fold on the rows of all other folds, each stopped early on the loss of its own fold.

    Most heads are trained by gradient descent; those that have a `trainer` of their own say what an epoch is to them.
    Vectors that are larger than memory are read in shards, epoch by epoch; see `shards`. In the scope of one of
    TensorFlow's strategies (`MirroredStrategy`, `MultiWorkerMirroredStrategy`) its replicas share the work, and each
    process, which calls this with the same arguments, gets the same network; see `distributed.replicas`.

    Args:
        pairs: n labelled pairs.
        folds: (n,) the member that a row validates; −1: it trains every member and validates none.
        settings: head, network, epochs, class weight and seed are read.
        callbacks: Keras' own and others', told of training and epochs, not of batches. `logs` has `loss`, `val_loss`,
            `accuracy` and `val_accuracy`, means over the members (one that stopped early counts with its last epoch),
            all measured with dropout off; `params` has the `epochs` there can be at most, and the number of the
            `first`: 1, or 0 where the untrained network counts as one. Of several processes each
            tells its own, and the chief's say when to stop.
        checkpoint: an .npz file that is written now and then, and that the same fit goes on from if it is there; the
            weights are the same bit for bit. Heads that are solved for begin anew: they take seconds. Of several
            processes all read it, and the chief writes it.

    Raises:
        FitError: a number is not finite or too large to be squared, the loss or a score is not finite, or a kept
            member gives all its validation pairs the same score.
        SettingsError: the head can't be trained on such pairs, or so many.
        WorkersError: processes of a cluster were given different fits, or checkpoints.
    """
    start = perf_counter()
    if pairs.label is None:
        raise ValueError("pairs: expected labelled pairs, found no labels")
    chosen, members = settings.network_settings, int(folds.max()) + 1
    _check_memory(pairs, settings.head, chosen, members)
    _check_vectors(pairs)
    network = TwinNetwork(settings.head, chosen, pairs.width, members, settings.seed)
    network.adapt(pairs)
    replicas = Replicas()
    replicas.take_chiefs(network.non_trainable_variables)
    validates = folds == np.arange(members)[:, None]
    weights = _row_weights(pairs.label, validates, settings.class_weight)
    make = trainer_of(settings.head)
    trainer: Trainer = make(network, pairs, ~validates, weights, settings.seed, settings.epochs)
    best = BestWeights(network, validates, chosen.patience)
    course = FitProgress(trainer.first - 1, best, start)
    kept = None
    if checkpoint:
        parts = {"course": course, "best": best, "trainer": trainer}
        kept = Checkpoint(checkpoint, _mark(pairs, folds, settings), parts)
        kept.restore()
        replicas.check_same(f"{course.number} {kept.mark}", "the same pairs, settings, versions and checkpoint")

    with _heard(callbacks, network, trainer) as told:
        while course.number < trainer.epochs and best.active.any() and not _is_stopped(network, replicas):
            told.on_epoch_begin(course.number + 1 - trainer.first)
            trainer.train(course.number + 1)
            _measure(trainer, course, validates, weights, replicas)
            if kept and replicas.is_chief:
                kept.write_if_due()
            told.on_epoch_end(course.number - trainer.first, course.standing)
    best.assign()
    final, fallback = trainer.finish(best.scores)
    learns = bool(network.trainable_variables)
    _check_spread(final, validates)
    record = {
        "members": members,
        "parameters": network.scorer.parameters,
        "kept_epochs": best.epochs.tolist() if learns else [],
        "epochs": course.number if learns else 0,
        "rows": len(folds),
        "seconds": round(course.seconds, 3),
        "fallback": fallback,
    }
    held_out = final.sum(axis=0, where=validates)
    scores = np.where(validates.any(axis=0), held_out, np.nan).astype(np.float32)
    return Fit(network, scores, course.history if learns else course.history.iloc[:0], record)


def _measure(trainer: Trainer, course: FitProgress, validates: Array, weights: Array, replicas: Replicas) -> None:
    """Add the epoch that was trained to the course; a function, so that its scores are let go of before the next."""
    scores = trainer.scores()
    figures = _figures(trainer.measure(scores), validates, weights)
    figures.iloc[:, 1:] = replicas.chiefs(figures.iloc[:, 1:].to_numpy())
    _check_finite(figures, course)
    course.add(figures, scores)


@contextmanager
def _heard(
    callbacks: Sequence[keras.callbacks.Callback], network: TwinNetwork, trainer: Trainer
) -> Iterator[keras.callbacks.CallbackList]:
    """The callbacks of a fit, which find the optimizer, where there is one, in its place for so long."""
    network.optimizer = getattr(trainer, "optimizer", None)
    network.stop_training = False
    counts = {"epochs": trainer.epochs + 1 - trainer.first, "first": trainer.first}
    told = keras.callbacks.CallbackList(list(callbacks), model=network, **counts)
    told.on_train_begin()
    yield told
    told.on_train_end()
    network.optimizer = None  # it would be saved with the network


def _is_stopped(network: TwinNetwork, replicas: Replicas) -> bool:
    """Whether a callback, of the chief's, has ended the fit."""
    return bool(replicas.chiefs(np.array([network.stop_training], np.int32)).any())


def _mark(pairs: Pairs, folds: Array, settings: Settings) -> str:
    """SHA-256 of all that the weights come from."""
    given = {"settings": settings.in_force.model_dump(mode="json"), "versions": versions()}
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode())
    for some in pairs.pieces():
        for side in (some.left, some.right):
            digest.update(np.ascontiguousarray(side).data)
    for array in (pairs.known_label, folds):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _row_weights(label: Array, validates: Array, class_weight: str | None) -> Array:
    """(k, n): 1, or for balanced classes n / (2 · rows of the class), counted over a member's training rows."""
    if class_weight is None:
        return np.broadcast_to(np.float32(1), validates.shape)
    same = ((label == 1) & ~validates).sum(axis=1, keepdims=True)
    rows = (~validates).sum(axis=1, keepdims=True)
    of_class = np.where(label == 1, same, rows - same)
    return np.asarray(rows / (2 * np.maximum(of_class, 1)), np.float32)


def _figures(measured: Measured, validates: Array, weights: Array) -> pd.DataFrame:
    """Loss (weighted) and accuracy of each member on its training and its validation rows."""
    rows = []
    for loss, call, counts, own, weight in zip(*measured, validates, weights, strict=True):
        train, held = counts & ~own, counts & own
        rows.append((_mean(loss, weight * train), _mean(loss, weight * held), _mean(call, train), _mean(call, held)))
    figures = pd.DataFrame(rows, columns=["loss", "val_loss", "accuracy", "val_accuracy"])
    figures.insert(0, "member", np.arange(len(rows)))
    return figures


def _mean(values: Array, weights: Array) -> float:
    return float(np.average(values.astype(np.float64), weights=weights))


def _check_memory(pairs: Pairs, head: str, chosen: NetworkSettings, members: int) -> None:
    least, there = least_bytes(HEADS[head], chosen, pairs.width, members, len(pairs)), machine_bytes()
    if least > there:
        raise SettingsError(
            f"units, batch_size, folds: expected a fit that the {there >> 20:,} MB of this machine hold, found one "
            f"that takes {least >> 20:,} MB or more"
        )
    if HEADS[head].in_memory and not fit_in_memory(pairs):
        raise SettingsError(
            f"head: expected one that is trained on a part of the rows at a time, for {len(pairs):,} pairs are held "
            f"against {IN_MEMORY >> 20:,} MB of memory, found {head!r}; anchored and the distance networks can"
        )


def _check_vectors(pairs: Pairs) -> None:
    """Refuse what no head can work with, though some would not notice: NaN, and numbers whose squares overflow."""
    limit = float(np.sqrt(np.finfo(np.float32).max / pairs.width))
    for name, largest in zip(("left", "right"), pairs.both(_largest), strict=True):
        found = float(largest.max())
        if not found <= limit:  # NaN is not
            expected = f"numbers up to {limit:.1e}, whose squares float32 can hold"
            raise FitError(f"{name}: expected {expected}, found {found:g}")


def _largest(vectors: Array) -> Array:
    """Of each vector, the largest number without its sign."""
    return np.asarray(np.maximum(vectors.max(axis=1), -vectors.min(axis=1)))


def _check_finite(figures: pd.DataFrame, course: FitProgress) -> None:
    losses = figures.loc[course.best.active, ["loss", "val_loss"]]
    if not np.isfinite(losses.to_numpy()).all():
        raise FitError(
            f"epoch {course.number + 1}: expected a finite loss, found {losses.max(skipna=False).max(skipna=False)} "
            f"at learning rate {course.best.network.settings.learning_rate:g}; a smaller learning_rate may help"
        )


def _check_spread(scores: Array, validates: Array) -> None:
    for member, (row, own) in enumerate(zip(scores, validates, strict=True)):
        found = row[own]
        if not np.isfinite(found).all():
            raise FitError(f"expected finite validation scores, found NaN or infinity among those of member {member}")
        if np.ptp(found) <= COLLAPSED * max(1.0, float(np.abs(found).max())):
            raise FitError(
                f"the fit collapsed: expected validation scores that differ, found {found[0]:.6g} for all "
                f"{len(found):,} validation pairs of member {member}; a smaller learning_rate may help"
            )
