"""Settings and the documents of a run: read as they were written, or refused with a message that names the file."""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.fuzz.scratch import read_or_refused, written
from twinflow.calibration.calibrate import Calibration, calibrate
from twinflow.monitoring.profile import Profile
from twinflow.runs.folder import check_run
from twinflow.settings import Settings, load_settings, settings_yaml
from twinflow.system.files import sha256
from twinflow.system.json_files import read_json

HASH = "0" * 64
SCORES = np.array([-1e6, -2.5, 0.0, 0.25, 7.0, 1e6])


def _settings(path: Path) -> None:
    found = load_settings(path)
    given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    for key, value in found.model_dump(mode="json").items():
        assert not isinstance(given.get(key), bool), key
        assert value == given.get(key, value) or str(given[key]) == str(value) or isinstance(given[key], str), key
    path.write_text(settings_yaml(found), encoding="utf-8")
    assert load_settings(path) == found


def _calibration(path: Path) -> None:
    found = Calibration.from_json(read_json(path))
    probability = found.probability(SCORES)
    assert np.all((probability >= 0) & (probability <= 1)), probability
    assert np.all(np.diff(probability) >= 0)
    np.testing.assert_array_equal(found.same(SCORES), found.threshold <= SCORES)
    json.dumps(found.to_json(), allow_nan=False)


def _manifest(path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (path.parent / name).write_text(name)
    check_run(path.parent)
    listed = json.loads(path.read_text(encoding="utf-8"))["files"]
    assert all((path.parent / name).resolve().is_relative_to(path.parent.resolve()) for name in listed)
    assert all(sha256(path.parent / name) == digest for name, digest in listed.items())


def _profile(path: Path) -> None:
    found = Profile.load(path)
    rows = len(found.pairs)
    assert found.pairs.left.shape == found.pairs.right.shape == (rows, found.pairs.left.shape[1])
    assert found.pairs.known_label.shape == found.view.scores.shape == (rows,)
    assert 0 <= found.same <= found.rows


def npz(**changes: Any) -> bytes:
    sink, sides = io.BytesIO(), np.ones((2, 3), np.float32)
    arrays = {
        **dict.fromkeys(("left", "right", "left_components", "right_components"), sides),
        "label": np.array([0, 1], np.int8),
        "scores": np.ones(2, np.float32),
        "mean": np.ones((1, 3), np.float32),
        "axes": np.ones((1, 3, 3), np.float32),
        "counts": np.array([2, 1]),
    }
    np.savez(sink, **(arrays | changes))
    return sink.getvalue()


def _calibrated(rows: int, **changes: Any) -> dict[str, Any]:
    scores = np.random.default_rng(0).normal(size=rows) + np.arange(rows) % 2
    return {**calibrate(scores, np.arange(rows) % 2, Settings(**changes)).to_json(), "network_sha256": HASH}


TARGETS: list[tuple[str, Callable[[Path], None], list[bytes]]] = [
    ("settings.yaml", _settings, [settings_yaml().encode(), b"a: &a [1, *b]\nseed: 2001-01-01\nids: [yes, 1e3]"]),
    (
        "calibration.json",
        _calibration,
        [json.dumps(_calibrated(60)).encode(), json.dumps(_calibrated(1200, prior=0.1)).encode()],
    ),
    (
        "manifest.json",
        _manifest,
        [json.dumps({"files": {"a.txt": hashlib.sha256(b"a.txt").hexdigest()}}).encode(), b'{"files": {}}'],
    ),
    ("profile.npz", _profile, [npz(), npz(counts=np.array([9, 1]), label=np.array([[0.5, math.nan]]))]),
]
SEEDS = [bytes([place]) + seed for place, (_, _, seeds) in enumerate(TARGETS) for seed in seeds]
SEEDS += [bytes([17, at, value]) + seed for at, value in ((0, 0), (3, 5), (7, 9)) for seed in TARGETS[1][2]]
VALUES = [None, True, -1, 0, 10**400, 1e30, -0.5, 1.5, "", "nan", "1", [], [1, 2], {}, {"a": 1}]


def check(data: bytes) -> None:
    """The first byte says which file, and whether the next two replace one of its values; the rest is its content."""
    if len(data) < 3:
        return
    name, read, _ = TARGETS[data[0] % 16 % len(TARGETS)]
    content = data[1:]
    if data[0] >= 16:
        try:
            document = json.loads(data[3:])
        except (ValueError, RecursionError):
            return
        content = json.dumps(changed(document, data[1], VALUES[data[2] % len(VALUES)])).encode()
    with written(content, f"folder/{name}") as path:
        read_or_refused(path, lambda: read(path))


def changed(document: Any, at: int, value: Any) -> Any:
    """The document with the value in its `at`-th place, counted by rows and columns of nested objects, replaced."""
    places: list[tuple[Any, Any]] = []
    pending = [document]
    while pending:
        each = pending.pop()
        for key in list(each) if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else []:
            places.append((each, key))
            pending.append(each[key])
    if not places:
        return value
    holder, key = places[at % len(places)]
    holder[key] = value
    return document
