"""Pairs that could be scored and pairs that could not are told apart (F3), as README.md lists it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.helpers.untrained import write_run
from twinflow.data.columns import PairColumns
from twinflow.errors import DataError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.runs.folder import seal
from twinflow.scoring import inbox
from twinflow.scoring.files import Tally, score_file
from twinflow.scoring.inbox import InboxFile, make_inbox, score_dropped
from twinflow.scoring.verifier import Verifier, load
from twinflow.settings import Settings

WIDTH = 2
COLUMNS = PairColumns(WIDTH)
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that allows a quarter of a file's pairs to have no score."""
    settings = Settings(side_width=WIDTH, head="cosine", unscored_share=0.25)
    folder = tmp_path_factory.mktemp("runs")
    made = write_run(folder, TwinNetwork("cosine", HEADS["cosine"].defaults, WIDTH), settings)
    seal(made)
    return made


@pytest.fixture(scope="module")
def verifier(run: Path) -> Verifier:
    return load(run)


def pairs(path: Path, rows: int, bad: int, cell: str = '"0,5"') -> Path:
    """A file of so many pairs, the first of which are bad."""
    lines = [f"{cell if i < bad else i},1,2,{i + 1}" for i in range(rows)]
    path.write_text("\n".join([",".join(COLUMNS.vectors), *lines, ""]))
    return path


def test_f3_score_fails_where_no_pair_can_be_scored(twinflow: Command, run: Path, tmp_path: Path) -> None:
    file, out = pairs(tmp_path / "a.csv", 20, 20), tmp_path / "out.csv"
    code, said, err = twinflow("score", "--pairs", file, "--out", out, "--model", run)
    assert (code, said) == (2, "")
    assert err == (
        f"twinflow: {file}, row 2: expected pairs that can be scored, found none among 20 pairs; "
        "here not a finite number: v0 (v0 is '0,5' (a decimal comma))\n"
    )
    assert not out.exists()


@pytest.mark.parametrize(
    ("rows", "bad", "code", "told"),
    [
        (20, 0, 0, "20 pairs scored"),
        (20, 5, 0, "15 pairs scored, 5 not"),
        (20, 6, 3, "14 pairs scored, 6 not"),
        (20, 19, 3, "1 pair scored, 19 not"),
    ],
)
def test_f3_score_tells_both_counts_and_many_without_a_score_are_a_finding(
    twinflow: Command, run: Path, tmp_path: Path, rows: int, bad: int, code: int, told: str
) -> None:
    file, out = pairs(tmp_path / "a.csv", rows, bad), tmp_path / "out.csv"
    assert twinflow("score", "--pairs", file, "--out", out, "--model", run) == (code, "", f"{told}: {out}\n")
    assert (pd.read_csv(out)["status"] == "ok").sum() == rows - bad


@pytest.mark.parametrize("kind", ["wide.parquet", "folder.parquet", "compact", "zeros.csv"])
def test_f3_no_form_of_pairs_hides_that_none_could_be_scored(kind: str, verifier: Verifier, tmp_path: Path) -> None:
    path, cells = tmp_path / kind, np.zeros((6, 2 * WIDTH), np.float32)
    frame = pd.DataFrame(cells, columns=list(COLUMNS.vectors))
    if kind == "zeros.csv":
        frame.to_csv(path, index=False)
    elif kind == "wide.parquet":
        frame.to_parquet(path, index=False)
    elif kind == "folder.parquet":
        path.mkdir()
        frame.to_parquet(path / "a.parquet", index=False)
    else:
        path.mkdir()
        frame[list(COLUMNS.left)].to_parquet(path / "vectors.parquet", index=False)
        pd.DataFrame({"left": range(6), "right": range(6)}).to_parquet(path / "pairs.parquet", index=False)
    found = f"{path}, row 2: expected pairs that can be scored, found none among 6 pairs; here no direction: "
    with pytest.raises(DataError, match=f"^{found}a vector of zeros$"):
        score_file(verifier, path, tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_f3_a_header_alone_is_refused(twinflow: Command, run: Path, tmp_path: Path) -> None:
    file = pairs(tmp_path / "a.csv", 0, 0)
    code, _, err = twinflow("score", "--pairs", file, "--out", tmp_path / "out.csv", "--model", run)
    assert (code, err) == (2, f"twinflow: {file}: expected at least one pair, found no rows behind the header\n")


def test_f3_the_inbox_puts_aside_a_file_of_which_no_pair_can_be_scored(
    verifier: Verifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", 0)
    folder = tmp_path / "inbox"
    make_inbox(folder)
    for name, bad in (("none.csv", 20), ("few.csv", 2), ("many.csv", 10)):
        pairs(folder / name, 20, bad)
    failed = score_dropped(verifier, folder, "none.csv")
    assert (failed.state, failed.rows) == ("failed", None)
    assert failed.told.startswith(f"{folder}/none.csv, row 2: expected pairs that can be scored, found none among 20")
    assert (folder / "failed" / "none.csv.txt").read_text() == failed.told + "\n"
    assert not (folder / "scored" / "none.csv").exists()
    for name, state, unscored in (("few.csv", "scored", 2), ("many.csv", "partly scored", 10)):
        told = str(folder / "scored" / name)
        assert score_dropped(verifier, folder, name) == InboxFile(name, state, 20, told, unscored)
        assert (folder / "done" / name).exists()


def test_f3_a_share_of_all_or_none_may_be_allowed() -> None:
    assert not Tally(10, 1).is_finding(1)
    assert Tally(10, 9).is_finding(0)
    assert not Tally(10, 10).is_finding(0)
    assert not Tally(100, 95).is_finding(Settings().unscored_share)
    assert Tally(100, 94).is_finding(Settings().unscored_share)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('"0,5"', "'0,5' (a decimal comma)"),
        ('"-1,25e3"', "'-1,25e3' (a decimal comma)"),
        ('"1,2,3"', "'1,2,3'"),
        ('"a,b"', "'a,b'"),
        ("x", "'x'"),
        ("", "an empty cell"),
    ],
)
def test_f3_a_decimal_comma_is_named(cell: str, shown: str, verifier: Verifier, tmp_path: Path) -> None:
    file = pairs(tmp_path / "a.csv", 3, 3, cell)
    with pytest.raises(DataError) as caught:
        score_file(verifier, file, tmp_path / "out.csv")
    assert str(caught.value).endswith(f"here not a finite number: v0 (v0 is {shown})")
