"""Modules that take seconds to import."""

import gc
import importlib
import os
import sys
from types import ModuleType


def import_lasting(module: str) -> ModuleType:
    """Import without collecting garbage, now or later, among what stays as long as the process.

    The collector would go through all of it again and again while it comes in, and at the end: a third of the time.
    Nothing is frozen where the module is there already: what else lives then may be garbage one day.
    """
    if module in sys.modules:
        return sys.modules[module]
    collects = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def import_quietly(module: str) -> None:
    """Import what brings TensorFlow along, without the lines it writes on stderr that no setting turns off."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        import_lasting(module)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
