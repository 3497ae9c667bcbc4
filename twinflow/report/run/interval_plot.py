"""AUC with its interval, of the model and of plain cosine."""

from matplotlib.ticker import MaxNLocator

from twinflow.report.shared.drawing import Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.report.shared.readings import Readings
from twinflow.statistics.numbers import with_interval
from twinflow.system.json_files import Document

BLUE, GREY = LIGHT["blue"], LIGHT["grey"]


def intervals(metrics: Document) -> Plot:
    """AUC of the model and of plain cosine, with their 95% intervals, on one axis."""
    rows = [
        (name, metrics[key]["auc"], metrics[key]["auc_interval"], colour)
        for name, key, colour in (
            ("model", "test", BLUE),
            ("plain cosine", "cosine", GREY),
            ("model, validation", "validation", BLUE),
        )
        if metrics[key]["auc"] is not None
    ]
    with canvas(128) as figure:
        axes = add_axes(figure, "AUC", bottom=36, top=4, left=112)
        for place, (_, auc, ends, colour) in enumerate(rows):
            if ends:
                axes.plot(ends, [-place, -place], color=colour, linewidth=2.2)
            axes.plot(auc, -place, "o", color=colour, markersize=7, markeredgecolor=LIGHT["paper"])
        axes.set_yticks([-place for place in range(len(rows))], [row[0] for row in rows])
        axes.grid(False, axis="y")
        axes.set_ylim(-len(rows) + 0.4, 0.6)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.margins(x=0.08)
    return Plot(
        "intervals",
        "",
        "AUC: "
        + "; ".join(
            f"{name} {auc:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "") for name, auc, ends, _ in rows
        ),
        axes,
        readings=tuple(
            Readings(name, [auc], [-place], [f"AUC {with_interval(auc, ends)}"])
            for place, (name, auc, ends, _) in enumerate(rows)
        ),
    )
