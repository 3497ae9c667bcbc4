"""Memory that was freed, given back to the system."""

import ctypes
import gc

import pyarrow as pa


def give_back() -> None:
    """Let go of what only cycles hold, and of what pyarrow and the C library keep for later.

    It takes a moment where what was imported is frozen (see `twinflow.system.imports`), and 0.3 s where it is not.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
    if trim:
        trim(0)
