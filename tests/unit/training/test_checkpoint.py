"""A fit that was cut short goes on from its last checkpoint, and ends as if nothing had happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from tests.helpers.fits import make_pairs, make_settings, pairs_of_items
from twinflow.data.pairs import Pairs
from twinflow.models.network import TwinNetwork
from twinflow.training import checkpoint
from twinflow.training.checkpoint import Checkpoint
from twinflow.training.fit import _mark, fit
from twinflow.training.trainer import SolvedTrainer
from twinflow.training.trainers.anchored import AnchoredTrainer
from twinflow.training.trainers.ranking import RankingTrainer


class CutShort(Exception):
    """The process is gone."""


def cut_short(epoch: int, logs: dict[str, float]) -> None:
    if epoch == 2:
        raise CutShort


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint is due after every epoch."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", np.inf)


def test_a_fit_ends_as_an_undisturbed_one(always: None, tmp_path: Path) -> None:
    pairs, folds = make_pairs(100, noise=2.0), (np.arange(100) % 2).astype(np.int8)
    settings = make_settings("euclidean", epochs=5, patience=3, units=(8, 4), dropout=0.3)
    path, seen = tmp_path / "fit.npz", []
    whole = fit(pairs, folds, settings)
    with pytest.raises(CutShort):
        fit(pairs, folds, settings, [keras.callbacks.LambdaCallback(on_epoch_end=cut_short)], path)
    rest = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    gone_on = fit(pairs, folds, settings, [rest], path)
    assert seen == [3, 4]
    for one, other in zip(whole.network.variables, gone_on.network.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    np.testing.assert_array_equal(whole.scores, gone_on.scores)
    pd.testing.assert_frame_equal(whole.history, gone_on.history, check_exact=True)
    assert {**whole.record, "seconds": 0} == {**gone_on.record, "seconds": 0}


@pytest.mark.parametrize(("head", "xla"), [("anchored", "never"), ("anchored", "always"), ("ranking", "never")])
def test_a_trainer_goes_on_bit_for_bit(tmp_path: Path, head: str, xla: str) -> None:
    """Optimizer, dropout, averages, and what the deduced pairs of `anchored` are drawn from."""
    pairs = pairs_of_items()
    whole, gone_on = trainer(head, pairs, xla), trainer(head, pairs, xla)
    for number in range(whole.first, 4):
        whole.train(number)
        if number == 2:
            np.savez(tmp_path / "fit.npz", **whole.state())
    with np.load(tmp_path / "fit.npz", allow_pickle=False) as state:
        gone_on.restore(state)
    gone_on.train(3)
    assert whole.state().keys() == gone_on.state().keys()
    for name, array in whole.state().items():
        np.testing.assert_array_equal(array, gone_on.state()[name])


def trainer(head: str, pairs: Pairs, xla: str) -> Any:
    network = TwinNetwork(head, make_settings(head, units=(8, 4), dropout=0.3, xla=xla).network_settings, 8, members=2)
    network.adapt(pairs)
    trains = np.arange(len(pairs)) % 2 == np.arange(2)[:, None]
    made = (AnchoredTrainer if head == "anchored" else RankingTrainer)(
        network, pairs, trains, np.ones(trains.shape, np.float32), seed=0, epochs=20
    )
    if head == "anchored":
        assert made.share > 0
    return made


class Counter:
    """A number, in an array."""

    def __init__(self, number: int) -> None:
        self.number = number

    def state(self) -> checkpoint.State:
        return {"number": np.array(self.number)}

    def restore(self, state: checkpoint.State) -> None:
        self.number = int(state["number"])


def restored(path: Path, mark: str = "mark") -> list[int]:
    one, other = Counter(0), Counter(0)
    Checkpoint(path, mark, {"one": one, "other": other}).restore()
    return [one.number, other.number]


def test_what_is_not_of_this_fit_is_left_aside(always: None, tmp_path: Path) -> None:
    path = tmp_path / "fit.npz"
    assert restored(path) == [0, 0]
    Checkpoint(path, "mark", {"one": Counter(1), "other": Counter(2)}).write_if_due()
    assert restored(path) == [1, 2]
    assert restored(path, "of another fit") == [0, 0]
    whole = path.read_bytes()
    for damaged in (b"", b"x", whole[: len(whole) // 2], whole[:-10]):
        path.write_bytes(damaged)
        assert restored(path) == [0, 0]


def test_nothing_is_written_where_a_part_cannot_go_on(always: None, tmp_path: Path) -> None:
    Checkpoint(tmp_path / "fit.npz", "mark", {"one": Counter(1), "other": object()}).write_if_due()
    assert not list(tmp_path.iterdir())
    assert not isinstance(SolvedTrainer, checkpoint.Resumable)


def test_a_fit_is_known_by_all_that_its_weights_come_from() -> None:
    pairs, folds, settings = make_pairs(20), np.zeros(20, np.int8), make_settings()
    given = [
        (pairs, folds, settings),
        (make_pairs(20, seed=1), folds, settings),
        (pairs, 1 - folds, settings),
        (pairs, folds, make_settings(seed=1)),
        (Pairs(pairs.left, pairs.right, 1 - pairs.known_label, pairs.ids), folds, settings),
    ]
    assert len({_mark(*each) for each in given}) == 5
    assert _mark(*given[0]) == _mark(make_pairs(20), folds.copy(), make_settings())


class Slow:
    """Takes a second to say how it stands."""

    def __init__(self, clock: list[float]) -> None:
        self.clock = clock

    def state(self) -> checkpoint.State:
        self.clock[0] += 1.0
        return {}

    def restore(self, state: checkpoint.State) -> None:
        raise AssertionError(state)


def test_writing_takes_little_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, writes = [0.0], 0
    monkeypatch.setattr(checkpoint, "monotonic", lambda: clock[0])
    kept = Checkpoint(tmp_path / "fit.npz", "mark", {"slow": Slow(clock)})
    for _ in range(10_000):
        before = clock[0]
        kept.write_if_due()
        writes += clock[0] > before
        clock[0] += 0.1
    assert clock[0] * 0.01 < writes < clock[0] * checkpoint.SHARE
