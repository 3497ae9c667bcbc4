"""What is no file of pairs, or has an odd name, and what other accounts may do to an inbox."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.helpers.reloaded import reloaded
from tests.helpers.untrained import verifier_of
from twinflow.errors import ArtifactError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.scoring import inbox
from twinflow.scoring.inbox import InboxFile, look, make_inbox, score_dropped
from twinflow.scoring.verifier import Verifier
from twinflow.settings import Settings
from twinflow.system import descriptors
from twinflow.system.files import sha256

SETTINGS = Settings(side_width=2)
PAIRS = ",".join(SETTINGS.columns.vectors) + "\n1,0,1,0\n1,0,0,1\n"


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    network = reloaded(TwinNetwork("cosine", HEADS["cosine"].defaults, 2))
    return verifier_of(network, SETTINGS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An inbox in which a file is whole as soon as it is there."""
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", 0)
    make_inbox(tmp_path / "inbox")
    return tmp_path / "inbox"


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("a link", lambda path: path.symlink_to(path.with_name("other"))),
        ("a link", lambda path: path.symlink_to(path)),
        ("a folder", lambda path: path.mkdir()),
        ("a pipe", os.mkfifo),
        ("a socket", lambda path: os.mknod(path, stat.S_IFSOCK)),
        ("one of 2 names of a file (hard links)", lambda path: path.hardlink_to(path.with_name("other"))),
    ],
    ids=["link", "loop", "folder", "pipe", "socket", "hard link"],
)
def test_what_took_a_files_place_after_the_look_is_put_aside_unread(
    kind: str, make: Callable[[Path], None], folder: Path, verifier: Verifier
) -> None:
    (folder / "other").write_text(PAIRS)
    make(folder / "x.csv")
    told = f"{folder}/x.csv: expected a file that can be read, and has this name alone, found {kind}"
    assert score_dropped(verifier, folder, "x.csv") == InboxFile("x.csv", "failed", None, told)
    assert (folder / "failed/x.csv.txt").read_text() == told + "\n"
    assert {path.name for path in (folder / "failed").iterdir()} == {"x.csv", "x.csv.txt"}
    assert list((folder / "scored").iterdir()) == list((folder / "done").iterdir()) == []
    assert (look(folder), (folder / "other").read_text()) == (([], []), PAIRS)
    make(folder / "x.csv")
    score_dropped(verifier, folder, "x.csv")  # another of that name replaces nothing
    assert len(list((folder / "failed").iterdir())) == 4


@pytest.mark.parametrize(
    "name", [f"{'n' * 251}.csv", f"{'é' * 125}n.csv", f"{'n' * 248}.csv.gz", f"{'n' * 247}.parquet"]
)
@pytest.mark.parametrize("content", [PAIRS, "no pairs"], ids=["good", "bad"])
def test_a_name_as_long_as_names_may_be_is_shortened(
    name: str, content: str, folder: Path, verifier: Verifier, tmp_path: Path
) -> None:
    good = content == PAIRS
    if good and name.endswith(".parquet"):
        pd.read_csv(io.StringIO(PAIRS)).to_parquet(folder / name)
    else:
        (folder / name).write_text(content)
    assert len(os.fsencode(name)) == 255
    mark = sha256(folder / name)[:12]
    assert look(folder) == ([name], [])
    scored = score_dropped(verifier, folder, name)
    assert (scored.file, scored.state, scored.rows) == (name, *(("scored", 2) if good else ("failed", None)))
    (kept,) = (path.name for path in (folder / ("done" if good else "failed")).iterdir() if path.suffix != ".txt")
    ending = name[name.index(".") :]
    assert kept == f"{mark}-{name[: 200 - len(ending)] if name.isascii() else 'é' * 98}{ending}"
    assert Path(scored.told).exists() if good else (folder / f"failed/{kept}.txt").exists()


def test_folders_that_another_account_could_change_are_not_left_so(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    for name in ("", "working", "scored", "done", "failed"):
        (inbox / name).mkdir()
        (inbox / name).chmod(0o2777)
    make_inbox(inbox)
    modes = {name: stat.S_IMODE((inbox / name).stat().st_mode) for name in ("", "working", "scored", "done", "failed")}
    assert modes == {"": 0o2777, "working": 0o2700, "scored": 0o2755, "done": 0o2755, "failed": 0o2755}


@pytest.mark.parametrize("name", ["working", "scored", "done", "failed"])
def test_a_folder_of_the_inbox_that_is_a_link_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "inbox" / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArtifactError, match=f"inbox/{name}: expected a folder, found a link"):
        make_inbox(tmp_path / "inbox")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_of_the_inbox_that_another_account_may_change_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "scored").chmod(0o775)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(ArtifactError, match=r"expected a folder that no other account may change.*, found one of acc"):
        make_inbox(folder)


def test_without_a_view_of_descriptors_a_copy_is_scored(
    folder: Path, verifier: Verifier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(descriptors, "OPEN_FILES", tmp_path / "none")
    (folder / "a.csv").write_text(PAIRS)
    assert score_dropped(verifier, folder, "a.csv").rows == 2
    assert {path.name for path in (folder / "scored").iterdir()} == {"a.csv"}
