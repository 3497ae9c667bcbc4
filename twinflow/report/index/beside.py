"""Two runs side by side as one HTML page: verdicts, figures, ROC curves, data, and the settings that differ.

What stands in a run's folder is taken for no more than it is: what is missing or damaged is left empty.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinflow.errors import SettingsError
from twinflow.report.index.entries import Entry, document_of, entries, interval_in, number_in
from twinflow.report.index.page import COLOURS
from twinflow.report.index.roc_plot import Curve, curve_of, roc_curves
from twinflow.report.shared.figures import rows
from twinflow.report.shared.template import render
from twinflow.runs import files
from twinflow.settings import Settings, load_settings

FIGURES = rows(
    *("auc", "average_precision", "accuracy", "balanced_accuracy", "precision", "recall", "false_accept_rate", "f1"),
    *("mcc", "eer", "brier", "log_loss"),
)
PARTS = {"train": "Training file", "calibration": "Calibration file", "test": "Test file"}
UNSET = "–"


@dataclass(frozen=True)
class File:
    """A file of pairs: its name, SHA-256, pairs, and the share of same ones; None is unknown."""

    name: str
    sha256: str | None
    pairs: int | None
    same: float | None

    @classmethod
    def of(cls, found: Any) -> File | None:
        """What `inputs.json` says of it; None where it names none."""
        if not isinstance(found, dict) or not isinstance(found.get("path"), str):
            return None
        pairs, same = number_in(found.get("rows")), number_in(found.get("same"))
        counted = pairs is not None and same is not None and 0 <= same <= pairs != 0
        sha256 = found.get("sha256")
        return cls(
            Path(found["path"]).name,
            sha256 if isinstance(sha256, str) else None,
            int(pairs) if pairs is not None and counted else None,
            same / pairs if pairs and same is not None and counted else None,
        )


@dataclass(frozen=True)
class Run:
    """A run, as far as its folder tells.

    Args:
        entry: what the list of reports says of it.
        test: its figures on the test file, by name; each a number and its interval, either None.
        data: its files of pairs, by their part.
        settings: those in force; None where they can't be read.
        curve: its ROC curve on the test file.
    """

    entry: Entry
    test: dict[str, tuple[float | None, tuple[float, float] | None]]
    data: dict[str, File]
    settings: Settings | None
    curve: Curve | None

    @classmethod
    def of(cls, runs: Path, name: str) -> Run:
        """What the folder of the run `name` in `runs` tells."""
        folder = runs / name
        (entry,) = entries(runs, [f"{name}/{files.REPORT}"])
        metrics, inputs = document_of(folder / files.METRICS).get("test"), document_of(folder / files.INPUTS)
        return cls(
            entry,
            {key: _figure(metrics, key) for key, *_ in FIGURES},
            {part: found for part in PARTS if (found := File.of(inputs.get(part)))},
            _settings(folder / files.SETTINGS),
            curve_of(folder / files.TEST_SCORES),
        )


def beside_page(runs: Path, names: tuple[str, str]) -> str:
    """The runs of two names in the folder `runs` side by side: one self-contained HTML document."""
    pair = [Run.of(runs, name) for name in names]
    drawn = [(each.entry.name, each.curve) for each in pair if each.curve]
    parts = {part: [each.data.get(part) for each in pair] for part in PARTS}
    return render(
        "beside_page.html.j2",
        runs=pair,
        colours=COLOURS,
        figures=[row for row in FIGURES if any(each.test[row[0]][0] is not None for each in pair)],
        parts=[(PARTS[part], found, _same_file(found)) for part, found in parts.items() if any(found)],
        same_test=_same_file(parts["test"]),
        settings=_differing(*(each.settings for each in pair)),
        roc=roc_curves(drawn) if drawn else None,
    )


def _figure(metrics: Any, key: str) -> tuple[float | None, tuple[float, float] | None]:
    value, ends = (metrics.get(name) if isinstance(metrics, dict) else None for name in (key, f"{key}_interval"))
    return number_in(value), interval_in(ends)


def _same_file(found: list[File | None]) -> bool | None:
    """Whether both runs have one file; None where that is not known."""
    one, other = (each.sha256 if each else None for each in found)
    return one == other if one and other else None


def _settings(path: Path) -> Settings | None:
    with suppress(SettingsError):
        return load_settings(path).in_force
    return None


def _differing(one: Settings | None, other: Settings | None) -> list[tuple[str, str, str]] | None:
    """Name and both values, as text, of the settings in force that differ; None where one's are unknown."""
    if one is None or other is None:
        return None
    names = (name for name in Settings.model_fields if getattr(one, name) != getattr(other, name))
    return [(name, _shown(getattr(one, name)), _shown(getattr(other, name))) for name in names]


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or UNSET
    return UNSET if value is None else str(value)
