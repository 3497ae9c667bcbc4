"""TensorFlow, imported without what it says."""

import importlib
import os
import sys


def import_quietly(module: str) -> None:
    """Import what brings TensorFlow along, without the lines it writes on stderr that no setting turns off."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        importlib.import_module(module)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
