"""The key of a kept fit: it changes with all that a fit comes from, and with nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import grimp
import pytest

from twinflow.evaluation.comparison import fit_store
from twinflow.evaluation.comparison.fit_store import LIBRARY, fit_key
from twinflow.settings import Settings

CHANGED = {
    "side_width": 3, "prefix": "w", "label": "same", "validation": "grouped", "folds": 3, "validation_share": 0.3,
    "seed": 1, "head": "wide", "units": (3,), "embedding_activation": "gelu", "dropout": 0.123, "loss": "ranking",
    "margin": 0.123, "class_weight": "balanced", "optimizer": "sgd", "learning_rate": 0.123, "weight_decay": 0.123,
    "batch_size": 3, "epochs": 3, "patience": 33, "xla": "never",
}  # fmt: skip
KEPT = {"unscored_share": 0.2,
    "ids": ("who",), "objective": "f1", "target": 0.9, "confidence": 0.9, "beta": 2.0, "cost_false_same": 2.0,
    "cost_missed": 2.0, "prior": 0.1, "resamples": 100, "minimum_auc": 0.9,
}  # fmt: skip


def key(**values: object) -> str:
    return fit_key("a", Settings().model_copy(update=values), 0, 1.0)


def test_a_key_changes_with_the_settings_that_a_fit_reads_and_with_no_other() -> None:
    assert {*CHANGED, *KEPT} == set(Settings.model_fields)
    assert len({key(), *(key(**{name: value}) for name, value in CHANGED.items())}) == 1 + len(CHANGED)
    assert {key(**{name: value}) for name, value in KEPT.items()} == {key()}


def test_a_key_changes_with_every_module_that_a_fit_is_made_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `fit` imports, whenever it does, and what gives it its rows."""
    graph = grimp.build_graph("twinflow", cache_dir=None)
    makers = {"twinflow.training.fit", "twinflow.data.folds"}
    reached = makers.union(*map(graph.find_upstream_modules, makers))
    assert {"twinflow.training.shards", "twinflow.training.trainers.anchored_trees"} < reached
    library = tmp_path / "twinflow"
    shutil.copytree(LIBRARY, library, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fit_store, "LIBRARY", library)
    before = key()
    for module in sorted(reached):
        place = tmp_path.joinpath(*module.split("."))
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        text = path.read_bytes()
        path.write_bytes(text + b"# another\n")
        assert key() != before, module
        path.write_bytes(text)
    assert key() == before
    (library / "report" / "run" / "page.py").write_text("another")
    assert key() == before
