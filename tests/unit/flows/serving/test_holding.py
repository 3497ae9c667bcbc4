"""Who holds a recorded run: a lock that goes with its process, judged only where it counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.serving import holding
from flows.serving.holding import FOLDER, ID, LABEL, Holder, hold_run, holder_of
from tests.helpers.processes import running

HOLD = """
import sys
from pathlib import Path
from flows.serving.holding import _taken
holder, file = _taken(Path(sys.argv[1]))
print("held", flush=True)
Path(sys.argv[2]).write_text(holder.model_dump_json())
sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / FOLDER


def held(folder: Path) -> Holder:
    """A lock that this process had."""
    holder, lock = holding._taken(folder)
    os.close(lock)
    return holder


def test_a_process_holds_until_it_is_killed(folder: Path, tmp_path: Path) -> None:
    said = tmp_path / "said.json"
    with running(HOLD, folder, said) as process:
        while not (said.exists() and said.read_text()):
            pass
        holder = Holder.model_validate_json(said.read_text())
        assert holder.is_gone() is False
        assert held(folder).is_gone() is True  # whoever begins removes what nobody holds, and nothing else
        assert holder.is_gone() is False
        process.kill()
        process.wait()
        assert holder.is_gone() is True
    held(folder)
    assert not (folder / holder.lock).exists()
    assert holder.is_gone() is True
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "other",
    [
        {"id": "another folder at this path"},
        {"folder": "/nowhere/twinflow-held"},
        {"machine": "another", "boot": "another"},
        {"folder": "", "id": "", "lock": "", "machine": "", "boot": ""},
    ],
)
def test_what_cannot_be_seen_from_here_is_not_judged(folder: Path, other: dict[str, str]) -> None:
    assert held(folder).model_copy(update=other).is_gone() is None


@pytest.mark.parametrize("other", [{"machine": "renamed"}, {"boot": "before the power cut"}])
def test_a_lock_of_this_machine_counts_whatever_it_is_called_and_after_it_started_anew(
    folder: Path, other: dict[str, str]
) -> None:
    assert held(folder).model_copy(update=other).is_gone() is True


def test_a_folder_that_is_no_longer_the_same_says_nothing(folder: Path) -> None:
    holder = held(folder)
    (folder / ID).unlink()
    (folder / ID).mkdir()
    assert holder.is_gone() is None


@pytest.mark.parametrize("label", [None, "", "{}", '{"folder": 1}', "[]"])
def test_a_label_that_names_nobody_is_none(label: str | None) -> None:
    labels = {} if label is None else {LABEL: label}
    assert holder_of(FlowRun.model_construct(labels=labels)) is None


def test_outside_a_flow_run_nothing_is_held() -> None:
    before = getattr(holding._held, "lock", None)
    hold_run()
    assert getattr(holding._held, "lock", None) == before
