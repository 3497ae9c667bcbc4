"""Keep of the training pairs what later checks need, and hold the test file against it."""

from pathlib import Path

import numpy as np

from twinflow.data.pair_store import load_kept
from twinflow.evaluation.known_pairs import marks_of, write_known
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.json_files import write_json


def keep_profile(run: Path) -> str:
    """Write `profile.npz`, a bounded sample of the training pairs as the saved network sees them, and marks of all.

    Returns:
        Its size, in short.
    """
    from twinflow.models.scoring_network import load_network
    from twinflow.monitoring.profile import make_profile

    pairs, folds = load_kept(run / files.WORK / "train"), np.load(run / files.WORK / files.FOLDS)
    seed = load_settings(run / files.SETTINGS).seed
    made = make_profile(load_network(run / files.MODEL), pairs, folds, seed)
    made.save(run / files.PROFILE)
    write_known(run, marks_of(pairs))
    megabytes = (run / files.PROFILE).stat().st_size / 1e6
    return f"{len(made.pairs):,} of {made.rows:,} pairs, {megabytes:.1f} MB"


def check_test_drift(run: Path) -> str:
    """Check every column, the scores, plain cosine and the embeddings of the test pairs for drift: `drift.json`.

    Returns:
        The reason of the verdict.
    """
    from twinflow.data.sampling import sampled_rows
    from twinflow.models.scoring_network import load_network
    from twinflow.monitoring.profile import Profile, check_against

    columns = load_settings(run / files.SETTINGS).columns
    network, test = load_network(run / files.MODEL), load_kept(run / files.WORK / "test")
    some = test.take(sampled_rows(len(test)))
    found, _ = check_against(Profile.load(run / files.PROFILE), network, some, columns)
    write_json(run / files.DRIFT, found)
    return str(found["reason"])
