"""22.5: a model file from elsewhere that leads to other files, takes all memory, or is no archive of Keras'.

Each file here has the hashes that its run's manifest says, so that nothing but its own content gives it away.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from tests.helpers.untrained import write_run
from twinflow.errors import ArtifactError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import load_network
from twinflow.runs.folder import seal
from twinflow.settings import Settings
from twinflow.system.json_files import read_json, write_json

WIDTH = 4
SETTINGS = Settings(head="logistic", side_width=WIDTH, folds=2)
SECRET = np.arange(2 * WIDTH + 1, dtype=np.float32)
PLACE = "layers/logistic_scorer/vars/mean"
PAIRS = ",".join(f"v{i}" for i in range(2 * WIDTH)) + "\n" + ",".join(["1.5"] * 2 * WIDTH) + "\n"
Change = Callable[[h5py.File, Path], None]
Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def network() -> TwinNetwork:
    return TwinNetwork("logistic", HEADS["logistic"].defaults, WIDTH, members=2)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of numbers, some of the user's own, that a model file has no business with."""
    path = tmp_path / "secret"
    path.write_bytes(SECRET.tobytes())
    with h5py.File(path.with_suffix(".h5"), "w") as file:
        file["numbers"] = SECRET
    return path


@pytest.fixture
def run(tmp_path: Path, network: TwinNetwork) -> Path:
    return write_run(tmp_path / "runs", network, SETTINGS)


def parts_of(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, parts: Parts, how: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def with_weights(path: Path, change: Change, secret: Path) -> None:
    """Change the HDF5 file in a model file."""
    parts = parts_of(path)
    sink = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(sink, "r+") as file:
        change(file, secret)
    pack(path, parts | {"model.weights.h5": sink.getvalue()})


def with_config(path: Path, **values: Any) -> None:
    parts = parts_of(path)
    document = json.loads(parts["config.json"])
    own = {key: value for key, value in values.items() if key in document["config"]}
    document["config"].update(own)
    document["config"]["network"].update({key: value for key, value in values.items() if key not in own})
    pack(path, parts | {"config.json": json.dumps(document).encode()})


def seal_as_it_is(run: Path) -> None:
    """Give a run the hashes of what is in it, as who made it could."""
    document = read_json(run / "calibration.json")
    seal(run)
    document["network_sha256"] = read_json(run / "manifest.json")["files"]["model.keras"]
    write_json(run / "calibration.json", document)
    seal(run)


def instead(**how: Any) -> Change:
    """Have a dataset of this kind in the place of the features' means."""

    def change(file: h5py.File, _: Path) -> None:
        del file[PLACE]
        file.create_dataset(PLACE, **({"shape": SECRET.shape, "dtype": "float32"} | how))

    return change


def external(file: h5py.File, secret: Path) -> None:
    instead(external=[(str(secret), 0, SECRET.nbytes)])(file, secret)


def virtual(file: h5py.File, secret: Path) -> None:
    layout = h5py.VirtualLayout(SECRET.shape, "float32")
    layout[:] = h5py.VirtualSource(str(secret.with_suffix(".h5")), "numbers", SECRET.shape)
    del file[PLACE]
    file.create_virtual_dataset(PLACE, layout)


def endless(file: h5py.File, secret: Path) -> None:
    """A virtual dataset whose size is that of its sources; one is a pipe, which waits for whoever opens it."""
    os.mkfifo(pipe := secret.with_name("pipe"))
    layout = h5py.VirtualLayout((1,), "float32", maxshape=(None,))
    source = h5py.VirtualSource(str(pipe), "numbers", (1,), maxshape=(None,))
    layout[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
    del file[PLACE]
    file.create_virtual_dataset(PLACE, layout)


def external_link(file: h5py.File, secret: Path) -> None:
    del file[PLACE]
    file[PLACE] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "numbers")


def linked_group(file: h5py.File, secret: Path) -> None:
    del file["layers"]
    file["layers"] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "/")


def soft_link(file: h5py.File, _: Path) -> None:
    del file[PLACE]
    file[PLACE] = h5py.SoftLink("/layers/logistic_scorer/vars/std")


def second_name(file: h5py.File, _: Path) -> None:
    del file[PLACE]
    file[PLACE] = file["layers/logistic_scorer/vars/std"]


def circle(file: h5py.File, _: Path) -> None:
    file["layers/again"] = file["layers"]


def named_type(file: h5py.File, _: Path) -> None:
    file["vars/type"] = np.dtype("float32")
    instead(dtype=file["vars/type"], data=SECRET)(file, Path())


def unknown_filter(file: h5py.File, _: Path) -> None:
    made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    made.set_chunk(SECRET.shape)
    made.set_filter(32123, h5py.h5z.FLAG_OPTIONAL)
    del file[PLACE]
    at, space = PLACE.encode(), h5py.h5s.create_simple(SECRET.shape)
    h5py.h5d.create(file.id, at, h5py.h5t.NATIVE_FLOAT, space, made)


ELSEWHERE = [external, virtual, endless]
LINKS = [external_link, linked_group, soft_link]
HUGE = (10**12,)
WEIGHTS = [
    *((each, "weights that stand in another file") for each in ELSEWHERE),
    *((each, "a link to another place") for each in LINKS),
    *((each, "a second name for one place") for each in (second_name, circle)),
    (instead(shape=HUGE, chunks=(1 << 20,), compression="gzip"), "weights in chunks or compressed"),
    (instead(chunks=True), "weights in chunks or compressed"),
    (unknown_filter, "weights in chunks or compressed"),
    (instead(shape=HUGE), "weights that are not there"),
    (instead(shape=None), "weights that are not there"),
    (instead(shape=(3,), data=SECRET[:3]), r"weights 'mean' of shape \(3,\) where the settings make \(9,\)"),
    (instead(dtype="float64", data=SECRET), "weights of type float64"),
    (instead(dtype=h5py.ref_dtype), "weights that are no plain numbers"),
    (instead(dtype=h5py.regionref_dtype), "weights that are no plain numbers"),
    (instead(dtype=h5py.string_dtype()), "weights that are no plain numbers"),
    (instead(dtype=h5py.enum_dtype({"a": 1}, "i4")), "weights that are no plain numbers"),
    (named_type, "a type where weights should be|weights that are no plain numbers"),
    (lambda file, _: file.pop(PLACE), "weights 'mean' of shape none where the settings make"),
    (lambda file, _: file.create_dataset("layers/a/more", data=SECRET), "weights 'more' of shape .* make none"),
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("change", "found"), WEIGHTS)
def test_22_5_score_gives_out_no_other_file(
    change: Change, found: str, run: Path, secret: Path, tmp_path: Path, twinflow: Any
) -> None:
    with_weights(run / "model.keras", change, secret)
    seal_as_it_is(run)
    (tmp_path / "pairs.csv").write_text(PAIRS)
    code, out, error = twinflow(
        "score", "--model", run, "--pairs", tmp_path / "pairs.csv", "--out", tmp_path / "scores.csv"
    )
    assert (code, out) == (2, "")
    assert len(error.splitlines()) == 1
    with pytest.raises(ArtifactError, match=rf"model\.keras: expected a network of twinflow, found ({found})"):
        load_network(run / "model.keras")
    assert not (tmp_path / "scores.csv").exists()


def test_22_5_a_network_as_it_was_saved_is_scored(run: Path, tmp_path: Path, twinflow: Any) -> None:
    """So that what the others are refused for is what was changed in them."""
    with_weights(run / "model.keras", lambda file, _: None, tmp_path)
    seal_as_it_is(run)
    (tmp_path / "pairs.csv").write_text(PAIRS)
    out = tmp_path / "scores.csv"
    assert twinflow("score", "--model", run, "--pairs", tmp_path / "pairs.csv", "--out", out)[0] == 0
    assert len(out.read_text().splitlines()) == 2


@pytest.mark.timeout(60)
@pytest.mark.parametrize("change", [*ELSEWHERE, *LINKS, instead(shape=HUGE), unknown_filter, second_name])
def test_22_5_nor_does_keras(change: Change, run: Path, secret: Path, network: TwinNetwork) -> None:
    """In memory, as `load_model` has a model's weights, and from the disk, as `load_weights` has its own file's."""
    model, weights = run / "model.keras", run / "a.weights.h5"
    with_weights(model, change, secret)
    weights.write_bytes(parts_of(model)["model.weights.h5"])
    before = [weight.numpy().copy() for weight in network.weights]
    told = "link to another place|stand in another file|are not there|in chunks or compressed|second name"
    with pytest.raises(ValueError, match=told):
        keras.saving.load_model(model)
    for file in (weights, model):
        with pytest.raises(ValueError, match=told):
            network.load_weights(file)
    for kept, weight in zip(before, network.weights, strict=True):
        np.testing.assert_array_equal(kept, weight.numpy())


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"side_width": 10**11}, "side_width: expected a whole number from 1 to 100,000, found 100000000000"),
        ({"members": 10**11}, "members: expected a whole number from 1 to 20, found 100000000000"),
        ({"members": 10**600}, "members: expected a whole number from 1 to 20, found 1000"),
        ({"members": -1}, "members: expected a whole number"),
        ({"members": True}, "members: expected a whole number from 1 to 20, found True"),
        ({"side_width": 4.0}, "side_width: expected a whole number from 1 to 100,000, found 4.0"),
        ({"units": [10**11]}, "units: expected a whole number from 1 to 100,000"),
        ({"units": [1] * 100}, "layers in units: expected a whole number from 1 to 32, found 100"),
        ({"head": "euclidean", "units": [100_000] * 2}, "expected a network of at most 1,073,741,824 weights"),
        ({"units": 3}, "not iterable"),
        ({"side_width": None}, "side_width: expected a whole number"),
    ],
)
def test_22_5_what_the_configuration_says_takes_no_memory(values: dict[str, Any], found: str, run: Path) -> None:
    with_config(run / "model.keras", **values)
    with pytest.raises(ArtifactError, match=rf"model\.keras: expected a network of twinflow, found .*{found}"):
        load_network(run / "model.keras")


def deflated(path: Path, parts: Parts) -> None:
    """A few kilobytes that become a hundred megabytes."""
    pack(path, parts | {"config.json": parts["config.json"] + b" " * 10**8}, zipfile.ZIP_DEFLATED)


def encrypted(path: Path, parts: Parts) -> None:
    pack(path, parts)
    content = path.read_bytes()
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(mark) + at
        content = content[:place] + b"\x01" + content[place + 1 :]
    path.write_bytes(content)


def twice(path: Path, parts: Parts) -> None:
    pack(path, parts)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", parts["config.json"])


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (deflated, "json compressed or encrypted"),
        (encrypted, "json compressed or encrypted"),
        (twice, "an archive of .*config.json.*config.json"),
        (lambda path, parts: pack(path, parts | {"../../evil": b"x"}), "an archive of .*evil"),
        (lambda path, parts: pack(path, {"/etc/x": b"x"}), "an archive of .*/etc/x"),
        (lambda path, parts: pack(path, parts | {"config.json": b" " * 10**5}), "config.json of more than 65,536 b"),
        (lambda path, parts: pack(path, parts | {"config.json": b"[" * 60_000}), "recursion|nested"),
    ],
)
def test_22_5_an_archive_is_as_keras_writes_it(
    spoil: Callable[[Path, Parts], None], found: str, run: Path, tmp_path: Path
) -> None:
    spoil(run / "model.keras", parts_of(run / "model.keras"))
    with pytest.raises(ArtifactError, match=rf"model\.keras: expected a network of twinflow, found .*({found})"):
        load_network(run / "model.keras")
    assert not (tmp_path.parent / "evil").exists()
