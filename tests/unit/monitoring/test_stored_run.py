"""The model of a batch, on this machine or in a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import numpy as np
import pytest

from tests.helpers.untrained import write_run
from twinflow.data.pairs import Pairs
from twinflow.errors import ArtifactError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import load_network
from twinflow.monitoring.profile import make_profile
from twinflow.monitoring.stored_run import manifest_sha256, model_at
from twinflow.runs.folder import seal
from twinflow.settings import Settings

WIDTH = 4


@pytest.fixture(params=["path", "store"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A published run that was never trained, nor loaded."""
    model_at.cache_clear()
    network = TwinNetwork("cosine", HEADS["cosine"].defaults, WIDTH, members=1)
    run = write_run(tmp_path, network, Settings(side_width=WIDTH))
    sides = np.random.default_rng(0).normal(size=(2, 50, WIDTH)).astype(np.float32)
    pairs = Pairs(*sides, np.ones(50, np.int8))
    make_profile(load_network(run / "model.keras"), pairs, np.zeros(50, np.int64), 0).save(run / "profile.npz")
    seal(run)
    if request.param == "path":
        yield str(run)
    else:
        store = fsspec.filesystem("memory")
        store.put(str(run), "/runs/run", recursive=True)
        yield "memory://runs/run"
        store.rm("/runs", recursive=True)


def test_it_is_loaded_once_until_it_is_another(address: str) -> None:
    manifest = manifest_sha256(address)
    model = model_at(address, manifest)
    assert model.verifier.predict(np.ones((1, WIDTH)), np.ones((1, WIDTH))).shape == (1,)
    assert model.profile.rows == 50
    assert model_at(address, manifest) is model
    expected = rf"^{address}: expected the manifest 0000.*, as when the batch began, found {manifest[:12]}"
    with pytest.raises(ArtifactError, match=expected):
        model_at(address, "0" * 64)


def test_a_profile_that_was_altered_is_refused(address: str) -> None:
    with fsspec.open(f"{address}/profile.npz", "wb") as file:
        file.write(b"another")
    with pytest.raises(ArtifactError, match=r"profile\.npz: expected SHA-256 .*; it was altered$"):
        model_at(address, manifest_sha256(address))


@pytest.mark.parametrize("name", ["manifest.json", "model.keras"])
def test_a_run_that_lacks_a_file_is_named(address: str, name: str) -> None:
    manifest = manifest_sha256(address)
    fs, path = fsspec.url_to_fs(address)
    fs.rm(f"{path}/{name}")
    with pytest.raises(ArtifactError, match=rf"^{address}.*: expected (a|the) .*, found no"):
        manifest_sha256(address) if name == "manifest.json" else model_at(address, manifest)
