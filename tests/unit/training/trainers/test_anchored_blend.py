"""The blend of a score's parts: each weighs what it adds on validation rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from twinflow.training.trainers import anchored_blend
from twinflow.training.trainers.anchored_blend import Blend, blend


def weighed(label: np.ndarray, **parts: np.ndarray) -> Blend:
    """The blend of parts, (n,) each, where one member validates all rows and the anchor knows nothing."""
    rows = np.ones((1, len(label)))
    return blend(label, rows == 0, rows, np.zeros(len(label)), {name: part[None] for name, part in parts.items()})


@pytest.fixture(scope="module")
def telling() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """2,000 labels, and two parts that say as much of them, in errors of their own."""
    random = np.random.default_rng(4)
    label = random.integers(2, size=2000)
    return label, *(2.0 * label - 1 + random.normal(0, 1.5, (2, 2000)))


def test_parts_are_weighed_by_what_each_adds(telling: tuple[np.ndarray, ...]) -> None:
    label, first, second = telling
    found = weighed(label, first=first, second=second / 10)
    assert found.gains["second"] == pytest.approx(10 * found.gains["first"], rel=0.2)
    logit = found.score({"first": first, "second": second / 10})
    assert roc_auc_score(label, logit) > max(roc_auc_score(label, first), roc_auc_score(label, second)) + 0.05


@pytest.mark.parametrize("spoil", [lambda part: -part, lambda part: part * np.nan, lambda part: 0 * part])
def test_parts_that_are_upside_down_diverged_or_empty_are_left_out(
    telling: tuple[np.ndarray, ...], spoil: Callable[[np.ndarray], np.ndarray]
) -> None:
    label, first, second = telling
    assert weighed(label, first=first, second=spoil(second)) == weighed(label, first=first)


def test_nothing_is_weighed_on_rows_that_a_member_trains_on(telling: tuple[np.ndarray, ...]) -> None:
    """Scores of training rows may be anything: the blend never looks at them."""
    label, first, _ = telling
    trains = np.arange(2000) % 3 != np.arange(3)[:, None]
    spoiled = np.where(trains, 1e3 * (1 - 2 * label), first)
    one, other = (
        blend(label, trains, np.ones(trains.shape), np.zeros(2000), {"first": part})
        for part in (np.broadcast_to(first, trains.shape), spoiled)
    )
    assert one == other
    assert one.gains["first"] > 0


def test_a_sample_of_the_rows_weighs_the_parts_nearly_alike(
    telling: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gain has a standard error of some 5% on 2,000 rows, and half of them move it by as much: .2 is 4 of these."""
    label, first, second = telling
    whole = weighed(label, first=first, second=second)
    monkeypatch.setattr(anchored_blend, "MOST_ROWS", 1000)
    some = weighed(label, first=first, second=second)
    assert some != whole
    assert some.gains == pytest.approx(whole.gains, rel=0.2)
