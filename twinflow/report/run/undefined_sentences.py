"""Why figures are undefined, as sentences."""

from collections.abc import Sequence

from twinflow.report.shared.figures import Row
from twinflow.system.json_files import Document

BLOCKS = {"test": "model", "cosine": "cosine", "validation": "model, validation"}  # of figures, and their columns


def reason(metrics: Document, *names: str) -> str:
    """Why the first of `names` that is listed as undefined is so."""
    reasons = _reasons(metrics)
    return next((reasons[name] for name in names if name in reasons), "no reason is recorded")


def undefined(metrics: Document, figures: Sequence[Row]) -> list[str]:
    """Which of `figures`, as `rows` gives them, are undefined, and why: a sentence a reason."""
    reasons = _reasons(metrics)
    found: dict[tuple[str, str], list[str]] = {}
    for key, name, _ in figures:
        for block, column in BLOCKS.items():
            if f"{block}.{key}" in reasons:
                found.setdefault((name, reasons[f"{block}.{key}"]), []).append(column)
    return [f"{name} is undefined ({'; '.join(columns)}): {why}." for (name, why), columns in found.items()]


def _reasons(metrics: Document) -> dict[str, str]:
    """Why figures are undefined, by block and name."""
    return {f"{block}.{name}": str(why) for block in BLOCKS for name, why in metrics[block]["undefined"].items()}
