"""A run folder to report on: generated vectors and scores, with the real calibration, figures, audit and drift."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from twinflow.calibration.calibrate import calibrate
from twinflow.calibration.document import guarantee
from twinflow.data.audit.audit import audit
from twinflow.data.pairs import Pairs
from twinflow.data.similarity import cosine
from twinflow.evaluation.embedding_map import embedding_map
from twinflow.evaluation.evaluate import decided, evaluate_scores, items_of, scored_pairs, sides_seen
from twinflow.evaluation.gate import gate
from twinflow.evaluation.trust.evidence import read_evidence
from twinflow.monitoring.drift import Sample, check_drift
from twinflow.settings import Settings, settings_yaml

RUN_NAME = "20251125T153000Z-a1b2c3-demo"

NO_CURRENT = {"current": None, "compared": "there is no current model"}


def make_run(
    runs: Path,
    *,
    train_rows: int = 1983,
    test_rows: int = 662,
    width: int = 24,
    one_class: bool = False,
    shift: float = 0.0,
    duplicates: int = 0,
    gap: float = 0.06,
    fallback: str | None = None,
    ids: dict[str, list[str]] | None = None,
    seed: int = 0,
    **settings: Any,
) -> Path:
    """Write a run folder into `runs` and return it.

    Args:
        shift: what is added to a third of the test file's columns, in standard deviations.
        duplicates: test pairs that are training pairs.
        gap: AUC of training pairs less that of others.
        ids: values of id columns of the test file, repeated as needed.
        settings: changed from the defaults.
    """
    run = runs / RUN_NAME
    run.mkdir(parents=True)
    chosen = Settings(side_width=width, resamples=100, ids=tuple(ids or ()), **settings)
    rng = np.random.default_rng(seed)
    train, test = _pairs(rng, train_rows, width), _pairs(rng, test_rows, width, one_class)
    for side in (test.left, test.right):
        side[:, : width // 3] += np.float32(shift * 0.4)
    for own, copied in ((test.left, train.left), (test.right, train.right), (test.known_label, train.known_label)):
        own[:duplicates] = copied[:duplicates]
    test = Pairs(test.left, test.right, test.label, _ids(ids or {}, len(test)))
    train_score, test_score = (_score(rng, pairs.label, cosine(pairs.left, pairs.right)) for pairs in (train, test))
    validation, judged = scored_pairs(train, train_score), scored_pairs(test, test_score)
    judged = judged.assign(seen=sides_seen(test, train))
    calibration = calibrate(train_score, train.known_label, chosen, items_of(validation))

    (run / "settings.yaml").write_text(settings_yaml(chosen), encoding="utf-8")
    _history(rng).to_csv(run / "history.csv", index=False)
    validation.to_parquet(run / "validation_scores.parquet", index=False)
    decided(judged, calibration).to_parquet(run / "test_scores.parquet", index=False)
    _json(run / "inputs.json", _inputs(train, test))
    _json(run / "record.json", {**_record(rng, len(train), fallback), "seen": _seen(gap)})
    _json(run / "calibration.json", {**calibration.to_json(), "guarantee": guarantee(calibration)})
    leaked = {"count": duplicates, "rows": len(test), "left_out": not duplicates}
    _json(run / "metrics.json", {**evaluate_scores(judged, calibration, validation, chosen), "leaked": leaked})
    _json(run / "map.json", _map(test))
    _json(run / "timings.json", {"fit": 6.4, "evaluate": 2.0, "gate": 0.04})
    _json(run / "drift.json", check_drift(Sample(train, train_score), Sample(test, test_score), chosen.columns))
    found = read_evidence(run, {"symmetry": 0.0, "reload": 0.0})
    _json(run / "gate.json", {**gate(found, judged, chosen), **NO_CURRENT})
    return run


def _seen(gap: float) -> dict[str, Any]:
    """As `twinflow.evaluation.overfitting.gap` gives it."""
    return {"seen_auc": 0.7 + gap, "unseen_auc": 0.7, "gap": gap, "interval": [0.8 * gap, 1.2 * gap]}


def _pairs(rng: np.random.Generator, rows: int, width: int, one_class: bool = False) -> Pairs:
    label = np.ones(rows, np.int8) if one_class else (rng.random(rows) < 0.53).astype(np.int8)
    common = 0.55 + 0.5 * label[:, None] * rng.random((rows, 1))
    base = common * rng.normal(size=(rows, width))
    left, right = ((base + rng.normal(size=(rows, width))).astype(np.float32) for _ in range(2))
    return Pairs(left, right, label)


def _score(rng: np.random.Generator, label: Any, plain: Any) -> Any:
    """A score that knows a little more than cosine."""
    return (6 * (plain - 0.35) + 0.9 * (label - 0.5) + 0.5 * rng.normal(size=len(label))).astype(np.float32)


def _ids(ids: dict[str, list[str]], rows: int) -> pd.DataFrame:
    columns = {name: [values[i % len(values)] for i in range(rows)] for name, values in ids.items()}
    return pd.DataFrame(columns, index=range(rows))


def _map(pairs: Pairs) -> dict[str, Any]:
    """As if the network left the vectors as they are."""
    network: Any = SimpleNamespace(embeddings=lambda vectors: vectors[None])
    return embedding_map(network, pairs)


def _inputs(train: Pairs, test: Pairs) -> dict[str, Any]:
    files = {
        name: {
            "path": f"data/{name}.csv",
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "bytes": len(pairs) * 3870,
            "rows": len(pairs),
            "same": int(pairs.known_label.sum()),
        }
        for name, pairs in (("train", train), ("test", test))
    }
    versions = {"twinflow": "0.1.0", "python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.12.0"}
    return {**files, "versions": versions, "audit": audit(train, test)}


def _record(rng: np.random.Generator, rows: int, fallback: str | None) -> dict[str, Any]:
    return {
        "head": "anchored",
        "members": 5,
        "parameters": 348_165,
        "kept_epochs": [int(n) for n in rng.integers(11, 19, 5)],
        "epochs": 26,
        "rows": rows,
        "seconds": 6.4,
        "fallback": fallback,
    }


def _history(rng: np.random.Generator) -> pd.DataFrame:
    """Five members that stop at different epochs."""
    rows = []
    for member, epochs in enumerate((26, 22, 24, 26, 23)):
        shift = rng.normal(scale=0.012)
        for epoch in range(1, epochs + 1):
            loss, val_loss = 0.36 + 0.27 * np.exp(-epoch / 9), 0.49 + shift + 0.14 * np.exp(-epoch / 5)
            val_accuracy = 0.775 - 0.09 * np.exp(-epoch / 5) - shift
            accuracy = val_accuracy + 0.06 * epoch / epochs
            noise = rng.normal(scale=0.003, size=4)
            rows.append([epoch, member, *(np.array([loss, val_loss, accuracy, val_accuracy]) + noise)])
    return pd.DataFrame(rows, columns=["epoch", "member", "loss", "val_loss", "accuracy", "val_accuracy"])


def _json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
