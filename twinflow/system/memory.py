"""Freed memory, given back to the operating system."""

import ctypes
import gc
import mmap
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


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
