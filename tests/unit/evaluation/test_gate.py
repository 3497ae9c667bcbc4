"""The gate on generated scores: how often it errs, and what it says."""

import numpy as np
import pandas as pd
import pytest

from twinflow.evaluation.gate import apart, gate
from twinflow.evaluation.metrics import paired_auc
from twinflow.settings import Settings

SOUND = {"symmetry": 0.0, "reload": 0.0}
ROWS = 662


def drawn(rng: np.random.Generator, noise: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Test pairs as a new model scored them, and the scores of a current one, which has noise 1; they share some."""
    label, shared = np.arange(ROWS) % 2, rng.normal(size=ROWS)
    new, current = (
        1.5 * label + shared + scale * rng.normal(size=ROWS) for scale in (noise, 1.0)
    )  # AUC 0.77 at noise 1, 0.68 at noise 2
    marks = {"left_item": np.arange(ROWS), "right_item": np.arange(ROWS, 2 * ROWS)}
    return pd.DataFrame({"label": label, "score": new, **marks}), current


def metrics(scores: pd.DataFrame, cosine: np.ndarray | None = None) -> dict:
    plain = np.zeros(ROWS) if cosine is None else cosine
    return {
        "test": {"auc": 0.77, "auc_interval": [0.72, 0.82]},
        "against_cosine": paired_auc(scores["label"], scores["score"], plain, 100, 0),
    }


def passes(noise: float, simulations: int) -> float:
    """How many of the simulated new models pass, a share."""
    rng, settings = np.random.default_rng(0), Settings(resamples=200)
    drafts = [drawn(rng, noise) for _ in range(simulations)]
    known = metrics(drafts[0][0])
    return float(np.mean([gate(new, known, settings, SOUND, current)["passed"] for new, current in drafts]))


def test_as_good_a_model_is_turned_away_at_most_once_in_twenty() -> None:
    """2.5% are meant to be; of 300 more than 15 are a chance of 1 in 200, were the seed not fixed."""
    assert 0.95 <= passes(noise=1.0, simulations=300) < 1.0


def test_worse_model_is_promoted_at_most_once_in_twenty() -> None:
    """One whose AUC is lower by 0.09, on 662 pairs."""
    assert passes(noise=2.0, simulations=200) <= 0.05


def test_better_model_passes() -> None:
    assert passes(noise=0.5, simulations=100) == 1.0


def test_reasons_are_sentences_with_the_figures() -> None:
    new, current = drawn(np.random.default_rng(0), 3.0)
    known = metrics(new, cosine=new["label"].to_numpy() * 1.0)
    known["test"] = {"auc": 0.3, "auc_interval": [0.2, 0.4]}
    found = gate(new, known, Settings(minimum_auc=0.8), {"symmetry": 0.25, "reload": float("nan")}, current)
    assert not found["passed"]
    cosine, others, minimum, direction, symmetry, reload = found["reasons"]
    low, high = found["against_current"]["interval"]
    assert high < 0
    assert cosine.startswith("It is worse than plain cosine: test AUC -0.")
    assert others == (
        f"It is worse than the current model: test AUC {found['against_current']['auc_difference']:+.3f}, "
        f"95% interval {low:+.3f} to {high:+.3f}."
    )
    assert minimum == "Its test AUC is 0.300; at least 0.8 is asked for."
    assert direction == "It ranks pairs the wrong way round: its test AUC is 0.300."
    assert symmetry == "Its scores change by up to 0.25 when left and right are swapped."
    assert reload.startswith("The saved network's scores differ by up to nan")


def test_first_model_has_nothing_to_be_worse_than() -> None:
    new, _ = drawn(np.random.default_rng(0), 1.0)
    found = gate(new, metrics(new), Settings(), SOUND)
    assert (found["passed"], found["reasons"], found["against_current"]) == (True, [], None)


def test_what_can_not_be_judged_is_turned_away() -> None:
    new, current = drawn(np.random.default_rng(0), 1.0)
    new["label"] = 1
    why = "the pairs are all of one class"
    known = {
        "test": {"auc": None, "auc_interval": None, "undefined": {"auc": why}},
        "against_cosine": paired_auc([1], [0.0], [0.0], 100, 0),
    }
    for settings in (Settings(), Settings(minimum_auc=0.5)):
        assert gate(new, known, settings, SOUND, current)["reasons"] == [f"It can't be judged: {why}."]


def test_apart_is_relative_where_scores_are_large() -> None:
    assert apart([1.0, 2000.0], [1.5, 2001.0]) == pytest.approx(1 / 3)
    assert apart([0.1], [0.1 + 1e-6]) == pytest.approx(1e-6)
    assert apart([], []) == 0
    assert np.isnan(apart([float("nan")], [0.0]))
