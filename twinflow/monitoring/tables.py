"""A bounded table of either sample of a check, for people to look at, and what a classifier is shown of it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sample_rows
from twinflow.data.similarity import cosine_of
from twinflow.monitoring.member_view import MemberView
from twinflow.monitoring.profile import Profile
from twinflow.statistics.arrays import Floats
from twinflow.system.json_files import Document

BINS = 40
FEATURED_COMPONENTS = 8  # of each side's embeddings
SHOWN_COMPONENTS = 4  # of each side's embeddings
MOST_MOVED = 10


def features(pairs: Pairs, view: MemberView) -> Floats:
    """What a pair is known by: score, cosine, norms, embeddings, (n, 4 + 2 · components)."""
    with np.errstate(over="ignore", invalid="ignore"):
        norms = [np.linalg.norm(side.astype(np.float64), axis=1) for side in (pairs.left, pairs.right)]
        columns = [
            view.scores,
            cosine_of(pairs),
            *norms,
            view.left[:, :FEATURED_COMPONENTS],
            view.right[:, :FEATURED_COMPONENTS],
        ]
    return np.column_stack(columns).astype(np.float64)


def tables(
    drift: Document, names: Sequence[str], profile: Profile, some: Pairs, view: MemberView
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table of the profile's pairs, and one of as many of `some`: score, cosine, norms, components, moved columns.

    Args:
        drift: what `check_drift` found.
        names: of the vector columns.
        seen: how the pairs are view.
    """
    compared = [row for row in drift["columns"] if row["effect"] is not None]
    moved = [row["column"] for row in sorted(compared, key=lambda row: -row["effect"])[:MOST_MOVED]]
    components = range(min(SHOWN_COMPONENTS, view.left.shape[1]))
    made = []
    for pairs, part in ((profile.pairs, profile.view), (some, view)):
        table = pd.DataFrame(features(pairs, part)[:, :4], columns=["score", "cosine", "left norm", "right norm"])
        for i in components:
            table[f"left component {i + 1}"], table[f"right component {i + 1}"] = part.left[:, i], part.right[:, i]
        both = np.hstack([pairs.left, pairs.right])
        table = table.assign(**{name: both[:, names.index(name)] for name in moved}).astype(np.float64)
        made.append(table.iloc[sample_rows(len(table), len(profile.pairs), 0)])
    return made[0], made[1]


def distributions(reference: pd.DataFrame, pairs: pd.DataFrame) -> Document:
    """Histograms of the tables' columns: edges, and the share of either sample in each bin; the ends take the rest."""
    found: Document = {}
    for name in reference.columns:
        values = [part[name].to_numpy()[np.isfinite(part[name])] for part in (reference, pairs)]
        if min(map(len, values)):
            low, high = np.quantile(np.concatenate(values), [0.005, 0.995])
            edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
            shares = [np.histogram(np.clip(part, low, edges[-1]), edges)[0] / len(part) for part in values]
            found[name] = {
                "edges": edges.tolist(), "reference": shares[0].tolist(), "pairs": shares[1].tolist()
            }  # fmt: skip
    return found
