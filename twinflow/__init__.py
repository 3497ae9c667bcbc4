"""Are these two vectors the same? Learn it from labelled pairs, with a threshold one can trust."""

from twinflow.scoring.verifier import Verifier, load

__all__ = ["Verifier", "__version__", "load"]
__version__ = "0.2.0.dev0"
