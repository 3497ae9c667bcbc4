"""A model file as Keras writes one, and nothing else: whatever it names outside itself is refused before it is read.

HDF5 lets a dataset's numbers stand in any other file, and claim any amount of memory; so do zip archives. The bytes of
a network are none of that: three stored members, and in the weights' one plain arrays that fill the file.
"""

import io
import json
import math
import reprlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twinflow.models.numpy_layers import Shapes
from twinflow.statistics.arrays import Array

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
MEMBERS = [CONFIG, "metadata.json", WEIGHTS]
LONGEST_CONFIG = 1 << 16  # bytes; one of Keras takes a hundredth of that
ENCRYPTED = 0x1
TYPES = [np.dtype(name) for name in ("float32", "int32", "int64")]  # of weights, and of how far an optimizer came
SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = 80


def read_archive(path: Path) -> tuple[Mapping[str, Any], bytes]:
    """What Keras says of the network in a model file, and the HDF5 file of its weights.

    Raises:
        Exception: of any kind, where the file is no archive of Keras'; its text says what was found.
    """
    with zipfile.ZipFile(path) as archive:
        found = archive.infolist()
        if sorted(each.filename for each in found) != MEMBERS:
            raise ValueError(f"an archive of {_told([each.filename for each in found])}")
        for each in found:
            if each.compress_type != zipfile.ZIP_STORED or each.flag_bits & ENCRYPTED:
                raise ValueError(f"{each.filename} compressed or encrypted")
        if archive.getinfo(CONFIG).file_size > LONGEST_CONFIG:
            raise ValueError(f"{CONFIG} of more than {LONGEST_CONFIG:,} bytes")
        return json.loads(archive.read(CONFIG)), archive.read(WEIGHTS)


def read_weights(content: bytes, shapes: Shapes) -> dict[str, Array]:
    """The weights of the network's one layer, by their names: `layers/<its name>/a/b/vars/c` is `a/b/c`.

    Args:
        content: an HDF5 file.
        shapes: of all the weights that have to be there.

    Raises:
        Exception: as `read_archive`; a ValueError also where other weights are there.
    """
    import h5py

    with h5py.File(io.BytesIO(content)) as file:
        found = {
            "/".join(word for word in name.split("/")[2:] if word != "vars"): each for name, each in plain_arrays(file)
        }
        for name in sorted(found.keys() | shapes.keys()):
            has, expected = found[name].shape if name in found else "none", shapes.get(name, "none")
            if has != expected:
                raise ValueError(f"weights {_told(name)} of shape {has} where the settings make {expected}")
        return {name: each[()] for name, each in found.items()}


def plain_arrays(file: Any) -> list[tuple[str, Any]]:
    """The datasets of an open HDF5 file with their paths, each of them known to be a plain array in that file.

    Raises:
        ValueError: something in it is no group or plain array, leads elsewhere, or is larger than the file.
    """
    import h5py

    waiting, seen, total = [("", file)], {_address(file)}, 0
    found: list[tuple[str, Any]] = []
    while waiting:
        path, group = waiting.pop()
        for name in group:
            inner, links = f"{path}/{name}".lstrip("/"), group.id.links
            if links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
                raise ValueError(f"a link to another place in {_told(inner)}")
            item = group[name]
            if (address := _address(item)) in seen:
                raise ValueError(f"a second name for one place in {_told(inner)}")
            seen.add(address)
            if isinstance(item, h5py.Group):
                waiting.append((inner, item))
                continue
            _check_array(inner, item)
            total += item.nbytes
            found.append((inner, item))
    if total > (size := file.id.get_filesize()):
        raise ValueError(f"{total:,} bytes of weights in {size:,} bytes")
    return found


def _check_array(path: str, item: Any) -> None:
    import h5py

    if not isinstance(item, h5py.Dataset):
        raise ValueError(f"a type where weights should be in {_told(path)}")
    made, kind = item.id.get_create_plist(), item.id.get_type()
    if made.get_external_count() or item.is_virtual:
        raise ValueError(f"weights that stand in another file in {_told(path)}")
    if made.get_layout() not in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT) or made.get_nfilters():
        raise ValueError(f"weights in chunks or compressed in {_told(path)}")
    if kind.committed() or kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT):
        raise ValueError(f"weights that are no plain numbers in {_told(path)}")
    if item.dtype not in TYPES:
        raise ValueError(f"weights of type {item.dtype} in {_told(path)}")
    if item.shape is None or item.id.get_storage_size() != math.prod(item.shape) * item.dtype.itemsize:
        raise ValueError(f"weights that are not there in {_told(path)}")


def _in_layer(path: str) -> str:
    return "/".join(word for word in path.split("/")[2:] if word != "vars")


def _address(item: Any) -> int:
    import h5py

    return int(h5py.h5o.get_info(item.id).addr)


def _told(name: object) -> str:
    """A name from the file, in a message: on one line, and not without end."""
    return SHORT.repr(name)
