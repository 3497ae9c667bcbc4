"""Memory that was freed, given back to the system."""

import ctypes
import gc

import pyarrow as pa


def give_back() -> None:
    """Let go of what only cycles hold, and of what pyarrow and the C library keep for later; takes 0.2 s or so."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
    if trim:
        trim(0)
