"""The map of the embeddings, with the wrong pairs drawn as lines."""

import numpy as np
from matplotlib.collections import LineCollection

from twinflow.report.run.run_files import RunFiles
from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.report.shared.readings import Readings
from twinflow.statistics.arrays import Floats
from twinflow.statistics.numbers import significant

MOST_DOTS = 400  # pairs whose items are drawn
MOST_LINES = 60  # wrong pairs of either kind
KINDS = ((0, "rust", "called same, yet different"), (1, "blue", "called different, yet same"))


def embedding_plot(run: RunFiles) -> Plot | None:
    """Where the towers put the items of test pairs; None where they spread along no axis."""
    if not run.map["explained"][0]:
        return None
    left, right = np.array(run.map["left"], dtype=np.float64), np.array(run.map["right"], dtype=np.float64)
    test = run.test_scores.set_index("row").reindex(run.map["rows"])
    wrong = (test["label"] != test["same"]).to_numpy()
    label = test["label"].to_numpy()
    threshold = float(run.calibration["threshold"])
    far = np.abs(test["score"].to_numpy(np.float64) - threshold)
    readings = []
    with canvas(290) as figure:
        axes = add_axes(figure, "first component", "second component", left=44)
        dots = np.concatenate([_spread(left), _spread(right)])
        axes.plot(*dots.T, ".", color=LIGHT["grey"], alpha=0.5, markersize=4, markeredgewidth=0)
        for value, colour, text in KINDS:
            rows = np.flatnonzero(wrong & (label == value))
            rows = rows[np.argsort(-far[rows], kind="stable")][:MOST_LINES]
            lines = np.stack([left[rows], right[rows]], axis=1)
            axes.add_collection(LineCollection(list(lines), colors=LIGHT[colour], linewidths=0.8, alpha=0.7))
            axes.plot(*lines.reshape(-1, 2).T, ".", color=LIGHT[colour], markersize=5, markeredgewidth=0)
            told = [
                f"row {row:,}, score {significant(score)}"
                for row, score in zip(test.index[rows], test["score"].iloc[rows], strict=True)
            ]
            readings += [Readings(text, side[rows, 0], side[rows, 1], told) for side in (left, right)]
        axes.margins(0.04)
    x, y = run.map["explained"]
    counts = [int((wrong & (label == value)).sum()) for value, _, _ in KINDS]
    return Plot(
        "map",
        "",
        f"Map of the items of {len(left):,} test pairs on two components that hold {x:.0%} and {y:.0%} of the "
        f"variance; {counts[0]:,} pairs are called same and are different, {counts[1]:,} called different and same.",
        axes,
        (Key("grey", "an item", "dot"), *(Key(colour, text) for _, colour, text in KINDS)),
        note=f"Lines join the two items of a wrong pair. The axes hold {x:.0%} and {y:.0%} of the embeddings’ "
        "variance; what is close here may be far apart along the others.",
        readings=tuple(readings),
    )


def _spread(points: Floats) -> Floats:
    """At most `MOST_DOTS` of the points, evenly taken."""
    return np.asarray(points[np.unique(np.linspace(0, len(points) - 1, MOST_DOTS).astype(int))])
