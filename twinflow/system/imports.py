"""Imports of modules that take seconds: without garbage collection, and without TensorFlow's lines on stderr."""

import gc
import importlib
import os
import sys
from types import ModuleType


def import_lasting(module: str) -> ModuleType:
    """Import a module that stays as long as the process, and keep the garbage collector away from it, now and later.

    The collector would walk through its objects again and again during the import: a third of the time. What is garbage
    by then is collected, as it would stay for good: a failed import in a module leaves frames, and all that the callers
    hold. Nothing is frozen where the module is imported already: other objects that live by then may become garbage.
    """
    if module in sys.modules:
        return sys.modules[module]
    collects = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.collect()
        gc.freeze()
        if collects:
            gc.enable()


def import_quietly(module: str) -> None:
    """Import a module that imports TensorFlow, without the lines on stderr that no setting of it turns off."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        import_lasting(module)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
