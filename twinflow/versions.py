"""The versions a run was made with."""

import platform
from importlib.metadata import version

NAMED = ("twinflow", "prefect", "tensorflow", "keras", "numpy", "pandas", "pandera", "scikit-learn", "scipy")


def versions() -> dict[str, str]:
    """Version of Python and of every package that can move a figure."""
    return {"python": platform.python_version(), **{name: version(name) for name in NAMED}}
