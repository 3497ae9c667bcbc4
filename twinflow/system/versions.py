"""Versions of the installed packages: those that a run is made with, and one that is refused."""

import platform
from importlib.metadata import version

from twinflow.errors import InstallationError

NAMED = ("twinflow", "prefect", "tensorflow", "keras", "numpy", "pandas", "pandera", "scikit-learn", "scipy")


def versions() -> dict[str, str]:
    """The version of Python and of each package on which figures depend, by name."""
    return {"python": platform.python_version(), **{name: version(name) for name in NAMED}}


def check_versions() -> None:
    """Refuse packages that the pins rule out, before something breaks far from the cause.

    Raises:
        InstallationError: pandas is of version 3 or later.
    """
    if int((found := version("pandas")).split(".")[0]) >= 3:
        raise InstallationError(
            f"pandas: expected a version below 3, found {found}: evidently does not import with it; "
            "install twinflow in an environment of its own, and pip chooses a version that works"
        )
