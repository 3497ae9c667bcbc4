"""Files that are dropped: scored once, when they are whole, by one worker; bad ones are put aside and told."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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

SETTINGS = Settings(side_width=2)
HEADER = ",".join(SETTINGS.columns.vectors) + "\n"
PAIRS = HEADER + "1,0,1,0\n1,0,0,1\n"
NOW = pytest.mark.usefixtures("at_once")


@pytest.fixture(scope="module")
def verifier() -> Verifier:
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


def drop(folder: Path, name: str = "a.csv", text: str = PAIRS) -> Path:
    (folder / name).write_text(text)
    return folder / name


def files(folder: Path) -> set[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return set(found) - {"working/.taking"}


@NOW
def test_a_file_is_scored_and_moved(folder: Path, verifier: Verifier) -> None:
    drop(folder)
    assert look(folder) == (["a.csv"], [])
    assert score_dropped(verifier, folder, "a.csv") == InboxFile("a.csv", "scored", 2, str(folder / "scored/a.csv"))
    assert files(folder) == {"scored/a.csv", "done/a.csv"}
    assert pd.read_csv(folder / "scored/a.csv")["score"].tolist() == pytest.approx([1, 0], abs=1e-6)
    assert look(folder) == ([], [])


@NOW
def test_scores_are_of_the_kind_of_their_pairs(folder: Path, verifier: Verifier) -> None:
    drop(folder, "b.CSV")
    (folder / "c.csv.gz").write_bytes(gzip.compress(PAIRS.encode()))
    for name in ("d.parquet", "e.pq"):
        pd.read_csv(folder / "b.CSV").to_parquet(folder / name)
    whole, _ = look(folder)
    assert [score_dropped(verifier, folder, name).rows for name in whole] == [2] * 4
    scores = {path.name for path in (folder / "scored").iterdir()}
    assert scores == {"b.CSV.csv", "c.csv.gz.csv", "d.parquet", "e.pq.parquet"}
    assert len(pd.read_parquet(folder / "scored/e.pq.parquet")) == 2


@NOW
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_header_alone_gives_an_empty_result(name: str, folder: Path, verifier: Verifier) -> None:
    empty = pd.DataFrame(columns=list(SETTINGS.columns.vectors), dtype="float32")
    empty.to_csv(folder / name, index=False) if name == "a.csv" else empty.to_parquet(folder / name)
    assert score_dropped(verifier, folder, name).rows == 0
    scores = folder / "scored" / name
    frame = pd.read_csv(scores) if name == "a.csv" else pd.read_parquet(scores)
    assert (len(frame), list(frame)) == (0, ["row", "score", "probability", "same", "status"])


@NOW
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (HEADER + "1,0,1\n", "row 2: expected 4 fields, found 3"),
        ("", "expected"),
        ("v0,v1,v2\n1,2,3\n", "expected"),
        ("PAR1 and then nothing", "expected"),
    ],
    ids=["fields", "empty", "columns", "parquet"],
)
def test_a_bad_file_is_put_aside_with_its_error(content: str, found: str, folder: Path, verifier: Verifier) -> None:
    drop(folder, "bad.csv", content)
    scored = score_dropped(verifier, folder, "bad.csv")
    assert files(folder) == {"failed/bad.csv", "failed/bad.csv.txt"}
    told = (folder / "failed/bad.csv.txt").read_text()
    assert told.startswith(str(folder / "bad.csv"))
    assert found in told
    assert scored == InboxFile("bad.csv", "failed", None, told.rstrip("\n"))


def test_a_file_waits_as_long_as_it_is_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(folder)
    os.utime(path, (0, 0))  # a copy that keeps the time of its original
    assert look(folder) == ([], [InboxFile("a.csv", "waiting", None, "it was changed in the last 30 seconds")])
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", 0)
    assert look(folder)[0] == ["a.csv"]


@NOW
def test_a_file_that_grows_while_it_is_scored_is_left_for_the_next_look(
    folder: Path, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder)
    whole = Verifier.score_frame

    def slow(*args: object) -> pd.DataFrame:
        (folder / "working/a.csv").write_text(PAIRS + "0,1,0,1\n")
        return whole(*args)

    monkeypatch.setattr(Verifier, "score_frame", slow)
    expected = InboxFile("a.csv", "waiting", None, "it was changed while it was scored")
    assert score_dropped(verifier, folder, "a.csv") == expected
    assert files(folder) == {"working/a.csv"}
    monkeypatch.setattr(Verifier, "score_frame", whole)
    assert look(folder)[0] == ["a.csv"]
    assert score_dropped(verifier, folder, "a.csv").rows == 3
    assert files(folder) == {"scored/a.csv", "done/a.csv"}


@NOW
def test_what_is_no_file_of_pairs_is_left_alone(folder: Path, verifier: Verifier, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(PAIRS)
    (folder / "link.csv").symlink_to(secret)
    (folder / "folder.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    for name in (".a.csv", "a.csv.part", "notes.txt"):
        drop(folder, name)
    assert look(folder) == ([], [])


@NOW
def test_a_name_that_is_no_text_waits(folder: Path) -> None:
    drop(folder, "\udcff.csv")
    waiting = [InboxFile("\\udcff.csv", "waiting", None, "its name is no text in the encoding UTF-8")]
    assert look(folder) == ([], waiting)


@NOW
def test_a_name_with_control_characters_waits_and_is_shown_without_them(folder: Path) -> None:
    drop(folder, "a\n\x1b[2Jé.csv")
    waiting = [InboxFile("a\\n\\x1b[2Jé.csv", "waiting", None, "its name has characters that can't be shown")]
    assert look(folder) == ([], waiting)


@NOW
def test_what_a_worker_died_of_comes_last(folder: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        drop(folder, name)
    os.replace(folder / "a.csv", folder / "working" / "a.csv")
    assert look(folder) == (["b.csv", "c.csv", "a.csv"], [])


@NOW
def test_a_second_file_of_a_name_replaces_nothing(folder: Path, verifier: Verifier) -> None:
    for text in (PAIRS, PAIRS + "0,1,0,1\n", "no pairs"):
        drop(folder, "a.csv", text)
        score_dropped(verifier, folder, "a.csv")
    drop(folder, "a.csv", "no pairs either")
    score_dropped(verifier, folder, "a.csv")
    assert sorted(len(pd.read_csv(path)) for path in (folder / "scored").iterdir()) == [2, 3]
    (other,) = (path.name for path in (folder / "done").iterdir() if path.name != "a.csv")
    assert (folder / "scored" / other).exists()
    assert len(list((folder / "failed").glob("*a.csv"))) == len(list((folder / "failed").glob("*a.csv.txt"))) == 2


@NOW
def test_scores_of_another_file_are_never_replaced(folder: Path, verifier: Verifier) -> None:
    drop(folder, "a.csv.gz")
    drop(folder, "a.csv.gz.csv", PAIRS + "0,1,0,1\n")
    for name in ("a.csv.gz", "a.csv.gz.csv"):
        assert score_dropped(verifier, folder, name).state == "scored"
    assert sorted(len(pd.read_csv(path)) for path in (folder / "scored").iterdir()) == [2, 3]


WORKER = """
import sys, time
from pathlib import Path
from twinflow.scoring.inbox import _taken
with _taken(Path(sys.argv[1]), "a.csv") as path:
    print(Path(sys.argv[1]) / "working/a.csv" if path else None, flush=True)
    sys.stdin.readline()
"""


@contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-c", WORKER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == str(folder / "working/a.csv")
        yield process
        process.kill()


@NOW
def test_a_living_workers_file_is_left_to_it_and_a_dead_ones_taken_over(folder: Path, verifier: Verifier) -> None:
    drop(folder)
    with worker(folder):
        assert score_dropped(verifier, folder, "a.csv") == InboxFile("a.csv", "waiting", None, "another worker has it")
        drop(folder, "a.csv", PAIRS * 2)  # another file of that name comes meanwhile: it has to wait
        assert score_dropped(verifier, folder, "a.csv").state == "waiting"
    assert files(folder) == {"a.csv", "working/a.csv"}
    assert look(folder) == (["a.csv"], [])
    assert score_dropped(verifier, folder, "a.csv").rows == 2
    assert files(folder) == {"a.csv", "scored/a.csv", "done/a.csv"}


CROWD = """
import os, sys
from pathlib import Path
from twinflow.scoring.inbox import _taken
folder, (start, go) = Path(sys.argv[1]), os.pipe()
for _ in range(4):
    if os.fork():
        continue
    os.close(go)
    os.read(start, 1)  # returns for all of them when nobody holds the other end
    for number in range(50):
        with _taken(folder, f"{number}.csv") as path:
            if path:
                with (folder / f"{number}.log").open("a") as log:
                    log.write(".")
                os.replace(folder / "working" / f"{number}.csv", folder / "done" / f"{number}.csv")
    os._exit(0)
os.close(go)
for _ in range(4):
    assert os.wait()[1] == 0
"""


def test_workers_at_once_take_each_file_once(folder: Path) -> None:
    for number in range(50):
        drop(folder, f"{number}.csv")
    subprocess.run([sys.executable, "-c", CROWD, str(folder)], check=True, timeout=60)
    assert [(folder / f"{number}.log").read_text() for number in range(50)] == ["."] * 50


def test_a_file_that_went_meanwhile_is_no_error(folder: Path, verifier: Verifier) -> None:
    assert score_dropped(verifier, folder, "a.csv").told == "another worker has it"


@NOW
def test_a_disk_that_takes_no_scores_is_not_the_files_fault(folder: Path, verifier: Verifier) -> None:
    drop(folder)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(ArtifactError, match=r"scored/.*expected a file that can be written, found"):
            score_dropped(verifier, folder, "a.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files(folder) == {"working/a.csv"}


def test_an_inbox_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "none" / "inbox", tmp_path / "file"):
        (tmp_path / "file").write_text("")
        with pytest.raises(ArtifactError, match=f"{path}: expected a folder that can be written, found"):
            make_inbox(path)
