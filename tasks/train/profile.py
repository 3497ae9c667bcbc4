"""Keep of the training pairs what later checks need."""

from pathlib import Path

import numpy as np

from tasks.step.step import Result, Step
from twinflow.data.pairs import Pairs
from twinflow.settings import load_settings


@Step
def profile(run: str, fitted: Result) -> Result:
    """Write `profile.npz`: a bounded sample of the training pairs as the saved network sees them."""
    from twinflow.models.scoring_network import load_network
    from twinflow.monitoring.profile import make_profile

    folder = Path(run)
    pairs, folds = Pairs.load(folder / "work" / "train"), np.load(folder / "work" / "folds.npy")
    seed = load_settings(folder / "settings.yaml").seed
    made = make_profile(load_network(folder / "model.keras"), pairs, folds, seed)
    made.save(folder / "profile.npz")
    return {
        "said": f"{len(made.pairs):,} of {made.rows:,} pairs, {(folder / 'profile.npz').stat().st_size / 1e6:.1f} MB"
    }
