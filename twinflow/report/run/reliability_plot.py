"""Whether probabilities are right: the share of same pairs by the probability that was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinflow.report.shared.drawing import BOTTOM, Key, Plot, add_axes, canvas, unit_axes
from twinflow.report.shared.palette import LIGHT
from twinflow.report.shared.readings import Readings
from twinflow.statistics.arrays import Floats, Ints
from twinflow.statistics.numbers import count, percent, percent_with_interval
from twinflow.statistics.resampling import wilson

MUTED, LINE, BLUE, GREY = (LIGHT[name] for name in ("muted", "line", "blue", "grey"))


@dataclass(frozen=True)
class Reliability:
    """Probabilities in ten equal bins: pairs, mean probability and same pairs of each bin that is not empty."""

    count: Ints
    probability: Floats
    same: Ints

    @classmethod
    def of(cls, label: NDArray[np.int8], probability: Floats, bins: int = 10) -> Reliability:
        """Bins of labels (n,) and probabilities (n,) in [0, 1]."""
        place = np.minimum((probability * bins).astype(int), bins - 1)
        count = np.bincount(place, minlength=bins)
        filled = count > 0
        mean = np.bincount(place, probability, bins)[filled] / count[filled]
        return cls(count[filled], mean, np.bincount(place, label == 1, bins)[filled].astype(np.int64))


def reliability(label: NDArray[np.int8], probability: Floats, same: Floats) -> Plot:
    """Share of same pairs by the probability that was given, with Wilson intervals and the counts below.

    Args:
        label, probability, same: of each pair the truth, the probability that it is the same, and the call, (n,).
    """
    bins = Reliability.of(label, probability)
    share = bins.same / bins.count
    low, high = wilson(bins.same, bins.count)
    with canvas(290) as figure:
        axes = add_axes(figure, "", "share that is same", bottom=BOTTOM + 52)
        axes.plot([0, 1], [0, 1], color=LINE, linewidth=1)
        axes.vlines(bins.probability, low, high, color=BLUE, linewidth=1.2)
        axes.plot(bins.probability, share, "o-", color=BLUE, markersize=4.5, linewidth=1)
        unit_axes(axes, 0, 1)
        axes.tick_params(labelbottom=False)
        counts = add_axes(figure, "probability given", top=290 - BOTTOM - 40)
        counts.bar(bins.probability, bins.count, width=0.04, color=GREY)
        for x, pairs in zip(bins.probability, bins.count, strict=True):
            counts.text(x, pairs, f"{pairs:,}", ha="center", va="bottom", fontsize=8.5, color=MUTED)
        counts.set_ylim(0, 1.35 * bins.count.max())
        counts.set(xlim=axes.get_xlim(), xticks=axes.get_xticks())
        counts.grid(False)
        counts.set_yticks([])
    return Plot(
        "reliability",
        "Reliability",
        "Share of same pairs by the probability given: "
        + ", ".join(
            f"{s:.0%} at {p:.0%} ({c:,} pairs)" for s, p, c in zip(share, bins.probability, bins.count, strict=True)
        ),
        axes,
        (Key("blue", "share that is same, 95% interval", "dot"), Key("line", "ideal"), Key("grey", "pairs", "bar")),
        "Threshold and probabilities are fitted apart. Pairs that are called other than what is more probable: "
        f"{np.count_nonzero((probability >= 0.5) != (same == 1)):,} of {len(label):,}.",
        (
            Readings(
                "share that is same",
                bins.probability,
                share,
                [
                    f"{percent_with_interval(s, (a, b))} of {count(int(n), 'pair')} that were given {percent(p)}"
                    for s, a, b, n, p in zip(share, low, high, bins.count, bins.probability, strict=True)
                ],
            ),
        ),
    )
