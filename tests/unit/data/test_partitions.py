"""The partitions of a table, from the footers of its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twinflow.data.columns import PairColumns
from twinflow.data.partitions import list_partitions
from twinflow.errors import DataError, Violation

COLUMNS = PairColumns(2)


def frame(rows: int, labelled: bool = True) -> pd.DataFrame:
    cells = pd.DataFrame(np.ones((rows, 4), np.float32), columns=list(COLUMNS.vectors))
    return cells.assign(**{"class": 1}) if labelled else cells


def test_they_are_in_the_order_of_their_names_with_the_number_of_their_first_pair(tmp_path: Path) -> None:
    for name, rows in (("b.parquet", 3), ("a.pq", 2), ("c.PARQUET", 0), ("d.parquet", 4)):
        frame(rows).to_parquet(tmp_path / name, index=False)
    for name in ("_SUCCESS", ".d.parquet.crc", ".hidden.parquet", "notes.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder.parquet").mkdir()
    table = list_partitions(f"file://{tmp_path}", COLUMNS)
    assert [(each.name, each.start, each.rows) for each in table.partitions] == [
        ("a.pq", 0, 2),
        ("b.parquet", 2, 3),
        ("c.PARQUET", 5, 0),
        ("d.parquet", 5, 4),
    ]
    assert (table.rows, table.labelled) == (9, True)
    assert table.partitions[1].file == f"file://{tmp_path}/b.parquet"
    assert table.partitions[1].address == f"{tmp_path}/b.parquet"


def test_a_file_is_a_table_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame(3, labelled=False).to_parquet(tmp_path / "a.parquet", index=False)
    monkeypatch.chdir(tmp_path)
    table = list_partitions("a.parquet", COLUMNS)
    (only,) = table.partitions
    assert (only.file, only.address, only.rows, table.labelled) == ("a.parquet", f"{tmp_path}/a.parquet", 3, False)


def refused(folder: Path) -> str:
    with pytest.raises(DataError) as raised:
        list_partitions(str(folder), COLUMNS)
    return str(raised.value).replace(str(folder), "in")


def test_there_must_be_some(tmp_path: Path) -> None:
    assert refused(tmp_path) == "in: expected a folder with CSV or Parquet files in it, found none"
    assert refused(tmp_path / "no.parquet") == "in: expected a readable file, found no such file"


def test_other_files_are_refused(tmp_path: Path) -> None:
    frame(1).to_parquet(tmp_path / "b.parquet", index=False)
    (tmp_path / "a.csv").write_text("")
    assert refused(tmp_path) == "in: expected Parquet files alone, found a.csv"
    frame(1).to_parquet(tmp_path / "vectors.parquet", index=False)
    assert refused(tmp_path) == "in: expected wide files, found the compact form; `twinflow convert` makes them of it"


def test_every_damaged_file_is_named(tmp_path: Path) -> None:
    frame(1).to_parquet(tmp_path / "b.parquet", index=False)
    for name in ("a.parquet", "c.parquet"):
        (tmp_path / name).write_bytes(b"PAR1 and no more")
    first, second = refused(tmp_path).splitlines()
    assert first.startswith("in/a.parquet: expected a whole Parquet file, found ")
    assert second.startswith("in/c.parquet: expected a whole Parquet file, found ")


def test_labels_are_in_all_files_or_in_none(tmp_path: Path) -> None:
    frame(1).to_parquet(tmp_path / "a.parquet", index=False)
    frame(1, labelled=False).to_parquet(tmp_path / "b.parquet", index=False)
    assert refused(tmp_path) == "in/b.parquet, column 'class': expected the label, as in in/a.parquet, found none"


def test_there_must_be_a_pair(tmp_path: Path) -> None:
    frame(0).to_parquet(tmp_path / "a.parquet", index=False)
    assert refused(tmp_path) == "in: expected at least one pair, found no rows in any of its files"


def test_a_file_that_has_changed_is_refused(tmp_path: Path) -> None:
    frame(3).to_parquet(tmp_path / "a.parquet", index=False)
    (only,) = list_partitions(str(tmp_path), COLUMNS).partitions
    only.check_rows(3)
    with pytest.raises(DataError, match=r"a\.parquet: expected 3 pairs, as when it was listed, found 4$"):
        only.check_rows(4)


def test_an_error_of_its_content_names_the_file_as_the_user_did(tmp_path: Path) -> None:
    frame(1).to_parquet(tmp_path / "a.parquet", index=False)
    (only,) = list_partitions(f"file://{tmp_path}", COLUMNS).partitions

    def refuse() -> None:
        with only.fetched() as path:
            raise DataError([Violation(str(path), "a", "b", row=3)], total=7, columns={"v0": 7})

    with pytest.raises(DataError, match=rf"^file://{tmp_path}/a\.parquet, row 3: expected a, found b\n… and 6 more"):
        refuse()
