"""The versions a run was made with, and those that can't be worked with."""

import platform
from importlib.metadata import version

from twinflow.errors import InstallationError

NAMED = ("twinflow", "prefect", "tensorflow", "keras", "numpy", "pandas", "pandera", "scikit-learn", "scipy")


def versions() -> dict[str, str]:
    """Version of Python and of every package that can move a figure."""
    return {"python": platform.python_version(), **{name: version(name) for name in NAMED}}


def check_versions() -> None:
    """Refuse an environment that installed what the pins rule out, before something breaks far from the cause.

    Raises:
        InstallationError: pandas is of version 3 or later.
    """
    if int((found := version("pandas")).split(".")[0]) >= 3:
        raise InstallationError(
            f"pandas: expected a version below 3, found {found}: evidently does not import with it; "
            "install twinflow in an environment of its own, and pip chooses a version that works"
        )
