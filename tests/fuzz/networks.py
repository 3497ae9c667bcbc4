"""Model files: the network is loaded and scores finite pairs alike from both sides, or the file is refused by name."""

from __future__ import annotations

import io
import json
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.documents import VALUES, changed
from tests.fuzz.scratch import read_or_refused, written
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import load_network

WIDTH = 3


def _saved(head: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        TwinNetwork(head, HEADS[head].defaults, WIDTH, members=2).save(path)
        return path.read_bytes()


FILES = [_saved(head) for head in ("cosine", "logistic", "l1-logits")]
# flipped bits; a changed value of the configuration; a changed part of the weights; a part left out
SEEDS = [bytes([file, kind, *rest]) for file in range(3) for kind in range(4) for rest in ((0, 0, 1), (9, 7, 3))]


def check(data: bytes) -> None:
    """A saved network and what to change in it, by few bytes: whole files would be mostly noise."""
    if len(data) < 4:
        return
    content = _changed(FILES[data[0] % 3], data[1] % 4, data[2:])
    with written(content, "model.keras") as path, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read_or_refused(path, lambda: _score(path))


def _score(path: Path) -> None:
    network = load_network(path)
    left, right = np.random.default_rng(0).normal(size=(2, 4, network.side_width)).astype(np.float32)
    scores = network.scores(left, right)
    assert scores.shape == (4,)
    np.testing.assert_allclose(scores, network.scores(right, left), rtol=1e-4, atol=1e-4)


def _changed(content: bytes, kind: int, rest: bytes) -> bytes:
    if kind == 0:
        file = bytearray(content)
        for at, bits in zip(rest[::2], rest[1::2], strict=False):
            file[at * 251 % len(file)] ^= bits
        return bytes(file)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(parts)
    if kind == 1:
        document: Any = json.loads(parts["config.json"])
        parts["config.json"] = json.dumps(changed(document, rest[0], VALUES[rest[1] % len(VALUES)])).encode()
    elif kind == 2:
        weights = bytearray(parts["model.weights.h5"])
        for at, bits in zip(rest[::2], rest[1::2], strict=False):
            weights[at * 97 % len(weights)] ^= bits
        parts["model.weights.h5"] = bytes(weights)
    else:
        parts.pop(names[rest[0] % len(names)])
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return sink.getvalue()
