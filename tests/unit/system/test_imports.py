"""Imports that take seconds: not collected while they come in, nor ever after."""

import gc
import sys
import weakref
from pathlib import Path

import pytest

from twinflow.system.imports import import_lasting

MODULE = """
import gc
during = gc.isenabled()
lasting = [[number] for number in range(1000)]
"""


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_leaves_alone_what_was_imported(
    collects: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"slow_{collects}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    before = gc.get_freeze_count()
    if not collects:
        gc.disable()
    try:
        module = import_lasting(f"slow_{collects}")
        assert (module.during, gc.isenabled()) == (False, collects)
        assert module is sys.modules[module.__name__]
        assert gc.get_freeze_count() >= before + 1000
        assert not any(each is module.lasting for each in gc.get_objects())  # frozen objects are in no generation
    finally:
        gc.enable()
        gc.unfreeze()


def test_what_a_caller_holds_is_let_go_of_though_a_module_keeps_its_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_failing.py").write_text("""
try:
    import no_such_module
except ImportError as error:
    kept = error
    kept.itself = kept
del kept
""")
    monkeypatch.syspath_prepend(tmp_path)

    def calling() -> weakref.ref[set[str]]:
        held = {"arrays"}
        import_lasting("slow_failing")
        return weakref.ref(held)

    gone = calling()
    gc.collect()
    assert gone() is None
    gc.unfreeze()


def test_nothing_is_frozen_where_the_module_is_there_already() -> None:
    import_lasting("json")
    before, passing = gc.get_freeze_count(), [[]]
    assert import_lasting("json") is sys.modules["json"]
    assert gc.get_freeze_count() == before
    assert any(each is passing for each in gc.get_objects())
    gc.unfreeze()


def test_the_collector_is_as_before_where_a_module_is_missing() -> None:
    with pytest.raises(ModuleNotFoundError):
        import_lasting("no_such_module")
    assert gc.isenabled()
    gc.unfreeze()
