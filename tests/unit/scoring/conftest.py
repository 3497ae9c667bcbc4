"""An inbox, a model of two columns a side, and time that has passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.inbox_files import SETTINGS
from tests.helpers.reloaded import reloaded
from tests.helpers.untrained import verifier_of
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.scoring import inbox
from twinflow.scoring.inbox import make_inbox
from twinflow.scoring.verifier import Verifier


@pytest.fixture(scope="module")
def on_hand() -> Verifier:
    network = reloaded(TwinNetwork("cosine", HEADS["cosine"].defaults, 2))
    return verifier_of(network, SETTINGS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_inbox(tmp_path / "inbox")
    return tmp_path / "inbox"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is whole as soon as it is there."""
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", 0)
