"""22.4: whoever may drop a file in the inbox gets no other file read or written, and holds nothing up."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.commands.running import run_flow
from tasks import inbox as steps
from tests.helpers.processes import running
from tests.helpers.reloaded import reloaded
from tests.helpers.untrained import verifier_of, write_run
from twinflow.errors import ArtifactError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.runs.folder import seal
from twinflow.scoring import inbox
from twinflow.scoring.inbox import InboxFile, make_inbox, score_dropped
from twinflow.scoring.verifier import Verifier
from twinflow.settings import Settings

SETTINGS = Settings(side_width=2)
PAIRS = ",".join(SETTINGS.columns.vectors) + "\n1,0,1,0\n1,0,0,1\n"
SECRET = "root-of-all-secrets"
TAKEN = 150  # times that a file which is exchanged all the time is to come to something

SWAP = """
import itertools, os, random, shutil, sys, time
secret, wanted, *places = sys.argv[1:]
make = {
    "link": lambda path: os.symlink(secret, path),
    "pipe": os.mkfifo,
    "folder": os.mkdir,
    "file": lambda path: print("no pairs", file=open(path, "w")),
}
print(flush=True)
for kind in itertools.cycle(wanted.split(",")):
    for place in places:
        try:
            make[kind](place + ".next")
            if os.path.isdir(place) and not os.path.islink(place) or kind == "folder":
                shutil.rmtree(place) if os.path.isdir(place) else os.unlink(place)
            os.rename(place + ".next", place)
        except OSError:
            pass
    time.sleep(random.random() / 2000)
"""


@pytest.fixture(scope="module")
def network() -> TwinNetwork:
    return TwinNetwork("cosine", HEADS["cosine"].defaults, 2)


@pytest.fixture(scope="module")
def verifier(network: TwinNetwork) -> Verifier:
    return verifier_of(reloaded(network), SETTINGS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", 0)
    make_inbox(tmp_path / "inbox")
    return tmp_path / "inbox"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.csv"
    path.write_text(f"{SECRET},{SECRET}\n")
    path.chmod(0o600)
    return path


def written(folder: Path) -> Iterator[str]:
    """What stands in the regular files under an inbox."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path.read_text(errors="replace")


def outcomes(verifier: Verifier, folder: Path) -> set[str]:
    """What a file that is exchanged all the time is said to be, over many rounds."""
    told, taken, end = set(), 0, time.monotonic() + 5
    while taken < TAKEN and time.monotonic() < end:
        found = score_dropped(verifier, folder, "x.csv")
        told.add(found.told)
        taken += found.state != "waiting"
    return told


@pytest.mark.parametrize("places", [["x.csv"], ["working/x.csv"], ["x.csv", "working/x.csv"]], ids=", ".join)
def test_22_4_a_link_that_takes_a_files_place_is_never_followed(
    places: list[str], folder: Path, secret: Path, verifier: Verifier
) -> None:
    with running(SWAP, secret, "link,file", *(folder / place for place in places)):
        told = outcomes(verifier, folder)
    assert [each for each in [*told, *written(folder)] if SECRET in each] == []
    assert any("found a link" in each or "changed" in each for each in told)  # it was there at the right moments
    assert any("no pairs" in each for each in told)
    assert (secret.read_text(), secret.stat().st_nlink) == (f"{SECRET},{SECRET}\n", 1)


def test_22_4_a_pipe_or_folder_that_takes_a_files_place_holds_nothing_up(
    folder: Path, secret: Path, verifier: Verifier
) -> None:
    begun = time.monotonic()
    with running(SWAP, secret, "pipe,folder,file", folder / "x.csv", folder / "working" / "x.csv"):
        told = outcomes(verifier, folder)
    assert {kind for kind in ("a pipe", "a folder") if any(f"found {kind}" in each for each in told)}
    assert time.monotonic() - begun < 60
    (folder / "good.csv").write_text(PAIRS)
    assert score_dropped(verifier, folder, "good.csv").rows == 2


def test_22_4_a_hard_link_to_a_file_of_yours_is_not_read(folder: Path, secret: Path, verifier: Verifier) -> None:
    (folder / "x.csv").hardlink_to(secret)
    assert score_dropped(verifier, folder, "x.csv").state == "failed"
    assert SECRET not in (folder / "failed" / "x.csv.txt").read_text()
    assert list((folder / "scored").iterdir()) == []


def test_22_4_no_lock_is_written_through_a_link(folder: Path, secret: Path, verifier: Verifier) -> None:
    (folder / "working" / ".taking").unlink()
    (folder / "working" / ".taking").symlink_to(secret)
    (folder / "x.csv").write_text(PAIRS)
    for attempt in (lambda: score_dropped(verifier, folder, "x.csv"), lambda: make_inbox(folder)):
        with pytest.raises(ArtifactError, match=r"working/\.taking: expected a file for a lock, found a link"):
            attempt()
    assert secret.read_text() == f"{SECRET},{SECRET}\n"


@pytest.mark.parametrize("name", ["scored", "done", "failed", "working"])
def test_22_4_a_folder_of_the_inbox_that_is_a_link_ends_the_round_in_one_line(
    name: str, folder: Path, tmp_path: Path, twinflow
) -> None:
    (tmp_path / "yours").mkdir()
    (tmp_path / "yours" / "x.csv").write_text(PAIRS)
    for left in (folder / name).iterdir():
        left.unlink()
    (folder / name).rmdir()
    (folder / name).symlink_to(tmp_path / "yours")
    code, _, said = twinflow("inbox", folder, "--no-server", "--model", tmp_path)
    assert (code, said) == (2, f"twinflow: {folder / name}: expected a folder, found a link\n")
    assert [path.name for path in (tmp_path / "yours").iterdir()] == ["x.csv"]


@pytest.fixture(scope="module")
def model(network: TwinNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = write_run(tmp_path_factory.mktemp("runs"), network, SETTINGS)
    seal(run)
    return run


def test_22_4_what_is_wrong_with_one_file_is_told_beside_the_others(folder: Path, secret: Path, model: Path) -> None:
    long = f"{'n' * 246}.csv"
    for name in ("a.csv", long, "z.csv"):
        (folder / name).write_text(PAIRS)
    (folder / "b.csv").write_text("1,2\n")
    (folder / "hard.csv").hardlink_to(secret)
    (folder / "link.csv").symlink_to(secret)
    os.mkfifo(folder / "pipe.csv")
    outcome = run_flow("flows.inbox:inbox", {"inbox": str(folder), "model": str(model)}, server=False)
    states = {each["file"]: each["state"] for each in outcome["files"]}
    assert states == {"a.csv": "scored", long: "scored", "z.csv": "scored", "b.csv": "failed", "hard.csv": "failed"}
    assert not any(SECRET in text for text in (str(outcome), *written(folder / "scored"), *written(folder / "done")))


def test_22_4_an_error_over_one_file_leaves_the_others_scored(
    folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = inbox.score_dropped

    def failing(verifier: Verifier, folder: Path, name: str) -> InboxFile:
        if name == "b.csv":
            raise OSError(5, "Input/output error")
        return whole(verifier, folder, name)

    monkeypatch.setattr(steps.files_of, "score_dropped", failing)
    for name in ("a.csv", "b.csv", "c.csv"):
        (folder / name).write_text(PAIRS)
    with pytest.raises(ArtifactError, match="Input/output error"):
        run_flow("flows.inbox:inbox", {"inbox": str(folder), "model": str(model)}, server=False)
    assert {path.name for path in (folder / "scored").iterdir()} == {"a.csv", "c.csv"}
    assert (folder / "b.csv").exists()
