"""The audit of files, as a document and as tables."""

from __future__ import annotations

import json


def test_the_command_prints_tables_or_json(twinflow, sample, tmp_path):
    lines = (sample / "test.csv").read_text().splitlines(keepends=True)
    (tmp_path / "some.csv").write_text("".join(lines[:120] + lines[7:9]))
    code, out, err = twinflow("audit", sample / "test.csv", tmp_path / "some.csv")
    assert (code, err) == (0, "")
    assert "repeated pairs" in out
    assert "8 = 121" in out
    assert f"121 of 121 pairs of {tmp_path / 'some.csv'} stand in {sample / 'test.csv'} too" in out
    code, out, _ = twinflow("audit", tmp_path / "some.csv", "--json")
    found = json.loads(out)["files"][str(tmp_path / "some.csv")]
    assert code == 0
    assert found["exact_duplicates"] == {"count": 2, "rows": [[8, 121], [9, 122]]}
    code, out, _ = twinflow("audit", sample / "test.csv")
    assert "Nothing looked for was found." in out


def test_bad_files_are_refused_together(twinflow, tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    code, out, err = twinflow("audit", tmp_path / "a.csv", tmp_path / "b.csv")
    assert (code, out) == (2, "")
    assert "a.csv, row 1" in err
    assert "b.csv: expected a readable CSV or Parquet file, found no such file" in err
