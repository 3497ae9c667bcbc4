"""Keep of the training pairs what later checks need, and hold the test file against it."""

from pathlib import Path

import numpy as np

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.pair_store import load_kept
from twinflow.evaluation.known_pairs import marks_of, write_known
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.json_files import write_json


@Step
def profile(run: str) -> StepResult:
    """Write `profile.npz`, a bounded sample of the training pairs as the saved network sees them, and marks of all."""
    from twinflow.models.scoring_network import load_network
    from twinflow.monitoring.profile import make_profile

    folder = Path(run)
    pairs, folds = load_kept(folder / files.WORK / "train"), np.load(folder / files.WORK / files.FOLDS)
    seed = load_settings(folder / files.SETTINGS).seed
    made = make_profile(load_network(folder / files.MODEL), pairs, folds, seed)
    made.save(folder / files.PROFILE)
    write_known(folder, marks_of(pairs))
    megabytes = (folder / files.PROFILE).stat().st_size / 1e6
    return StepResult(said=f"{len(made.pairs):,} of {made.rows:,} pairs, {megabytes:.1f} MB")


@Step
def drift(run: str) -> StepResult:
    """Check every column, the scores, plain cosine and the embeddings of the test pairs for drift: `drift.json`."""
    from twinflow.data.sampling import sampled_rows
    from twinflow.models.scoring_network import load_network
    from twinflow.monitoring.profile import Profile, check_against

    folder = Path(run)
    columns = load_settings(folder / files.SETTINGS).columns
    network, test = load_network(folder / files.MODEL), load_kept(folder / files.WORK / "test")
    some = test.take(sampled_rows(len(test)))
    found, _ = check_against(Profile.load(folder / files.PROFILE), network, some, columns)
    write_json(folder / files.DRIFT, found)
    return StepResult(said=found["reason"])
