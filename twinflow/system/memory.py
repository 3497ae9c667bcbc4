"""Memory: how much there is, and freed memory given back to the operating system."""

import ctypes
import gc
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container, or a service


def machine_bytes() -> int:
    """Memory that this process may take at the most: the machine's, or what its container may have of it."""
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    said = LIMIT.read_text(encoding="ascii").strip() if LIMIT.is_file() else "max"
    return min(there, int(said)) if said.isdigit() else there


def give_back() -> None:
    """Collect garbage, and have pyarrow and the C library return the memory that they keep for later.

    It takes 0.3 s where the imported modules are not frozen (see `twinflow.system.imports`), and hardly any where they
    are.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # only glibc has it
    if trim:
        trim(0)


def let_go(array: NDArray[Any]) -> None:
    """Give back the memory that the pages of a mapped file take; they come again when they are asked for."""
    if isinstance(array, np.memmap) and hasattr(mmap, "MADV_DONTNEED"):
        array._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]
