"""Memory that was freed, given back to the system."""

import ctypes
import gc
import mmap
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def give_back() -> None:
    """Let go of what only cycles hold, and of what pyarrow and the C library keep for later.

    It takes a moment where what was imported is frozen (see `twinflow.system.imports`), and 0.3 s where it is not.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
    if trim:
        trim(0)


def let_go(array: NDArray[Any]) -> None:
    """Give back the memory that the pages of a mapped file take; they come again when they are asked for."""
    if isinstance(array, np.memmap) and hasattr(mmap, "MADV_DONTNEED"):
        array._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]
