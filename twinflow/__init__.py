"""Are these two vectors the same? Learn it from labelled pairs, with a threshold one can trust."""

import importlib
import typing

from twinflow.scoring.verifier import Verifier, load

if typing.TYPE_CHECKING:
    from twinflow.pipeline.classifier import PairClassifier
    from twinflow.pipeline.train import train

__all__ = ["PairClassifier", "Verifier", "__version__", "load", "train"]
__version__ = "0.2.0.dev0"

_SLOW = {"PairClassifier": "twinflow.pipeline.classifier", "train": "twinflow.pipeline.train"}  # to import


def __getattr__(name: str) -> typing.Any:
    """A name whose module takes long to import, when it is first asked for."""
    if name not in _SLOW:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_SLOW[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_SLOW})
