"""What `import twinflow` gives: the names that it lists, each explained by itself."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from types import ModuleType

import pytest

import twinflow

NAMES = [name for name in twinflow.__all__ if name != "__version__"]
METHODS = [f"Verifier.{name}" for name in vars(twinflow.Verifier) if name[0] != "_"]
METHODS += [f"PairClassifier.{name}" for name in ("fit", "decision_function", "predict", "predict_proba")]


def test_all_that_is_exposed_is_listed() -> None:
    given = {name: getattr(twinflow, name) for name in dir(twinflow)}
    exposed = {name for name, value in given.items() if not (name[0] == "_" or isinstance(value, ModuleType))}
    assert sorted(exposed | {"__version__"}) == sorted(twinflow.__all__)
    with pytest.raises(AttributeError, match=r"^module 'twinflow' has no attribute 'fit'$"):
        _ = twinflow.fit


@pytest.mark.parametrize("name", [*NAMES, *METHODS])
def test_each_public_name_has_a_docstring_of_its_own(name: str) -> None:
    value: object = twinflow
    for part in name.split("."):
        value = getattr(value, part)
    said = inspect.getdoc(value)
    assert said
    assert not said.startswith(("The same", f"{name}("))  # understood alone, and not what `dataclass` writes


def test_the_version_is_that_of_what_is_installed() -> None:
    assert twinflow.__version__ == version("twinflow")
