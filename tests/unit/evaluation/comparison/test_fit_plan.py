"""Which rows, seeds and settings each system of a comparison is fitted with."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.made_systems import ROWS, TRAIN
from twinflow.errors import SettingsError
from twinflow.evaluation.comparison.fit_plan import seeds_of, subset, system_settings
from twinflow.models.heads.registry import HEADS
from twinflow.settings import Settings


def test_shares_of_the_rows_hold_every_fold_and_class_and_grow() -> None:
    folds = (np.arange(ROWS) % 7).astype(np.int8)
    quarter, half, whole = (subset(TRAIN, folds, share, 3) for share in (0.25, 0.5, 1.0))
    assert set(quarter) <= set(half) <= set(whole)
    np.testing.assert_array_equal(whole, np.arange(ROWS))
    assert len(half) == pytest.approx(ROWS / 2, abs=14)
    assert {(fold, value) for fold, value in zip(folds[quarter], TRAIN[quarter], strict=True)} == {
        (fold, value) for fold in range(7) for value in (0, 1)
    }


def test_systems_share_all_settings_but_their_own() -> None:
    shared = Settings(seed=3, epochs=7)
    own = system_settings(shared, "wide", 2)
    assert (own.head, own.seed, own.epochs, own.network_settings) == ("wide", 5, 7, HEADS["wide"].defaults)
    with pytest.raises(
        SettingsError, match=r"systems: expected some of .*, found 'logistc' \(did you mean 'logistic'\?"
    ):
        system_settings(Settings(), "logistc", 0)
    with pytest.raises(SettingsError, match=r"systems: expected some of anchored, .*, found 'siamese'$"):
        system_settings(shared, "siamese", 0)
    with pytest.raises(SettingsError, match=r"expected the systems' own network settings .*, found units, dropout"):
        system_settings(Settings(units=(3,), dropout=0.1), "wide", 0)
    assert [len(seeds_of(name, 5)) for name in ("cosine", "logistic", "boosting", "wide")] == [1, 1, 1, 5]
