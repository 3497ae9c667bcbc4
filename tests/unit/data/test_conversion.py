"""`twinflow convert`: what each name makes, and what is refused."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq
import pytest

from flows.commands.convert import convert_pairs
from twinflow.data import conversion
from twinflow.data.columns import PairColumns
from twinflow.system.atomic import atomic_folder

COLUMNS = PairColumns(2)
WIDE = pd.DataFrame([[0.1, 1, 2, 3], [2, 3, 0.1, 1], [0.1, 1, 6, 7]], columns=COLUMNS.vectors, dtype="float32").assign(
    **{"class": [1, 0, 1]}
)


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "in.csv"
    WIDE.to_csv(path, index=False)
    return path


@pytest.fixture
def refused(twinflow, tmp_path):
    """What `twinflow convert` says of what it refuses with exit code 2, leaving nothing behind."""

    def refused(source, out, *options):
        before = sorted(tmp_path.rglob("*"))
        code, _, err = twinflow("convert", "--pairs", source, "--out", out, "--set", "side_width=2", *options)
        assert code == 2
        assert sorted(tmp_path.rglob("*")) == before
        return err.removeprefix("twinflow: ").removesuffix("\n").replace(f"{tmp_path}/", "")

    return refused


def test_compact_has_each_vector_once(pairs, tmp_path):
    assert convert_pairs(str(pairs), str(tmp_path / "out"), COLUMNS) == 3
    bank, links = (pq.read_table(tmp_path / "out" / f"{name}.parquet").to_pydict() for name in ("vectors", "pairs"))
    assert {name: [round(value, 5) for value in values] for name, values in bank.items()} == {
        "v0": [0.1, 2, 6],
        "v1": [1, 3, 7],
    }
    assert links == {"left": [0, 1, 0], "right": [1, 0, 2], "class": [1, 0, 1]}


def test_names_of_vectors_come_along_and_are_used_again(pairs, tmp_path):
    named = WIDE.assign(left=list("aba"), right=list("bac"))
    named.to_csv(pairs, index=False)
    ways = [tmp_path / name for name in ("compact", "wide.csv", "again")]
    for source, out in zip([pairs, *ways], ways, strict=False):
        convert_pairs(str(source), str(out), COLUMNS)
    assert pd.read_csv(ways[1], nrows=1).columns.tolist() == ["left", "right", *COLUMNS.vectors, "class"]
    for name in ("vectors.parquet", "pairs.parquet"):
        pd.testing.assert_frame_equal(pd.read_parquet(ways[0] / name), pd.read_parquet(ways[2] / name))
    assert pd.read_parquet(ways[0] / "vectors.parquet")["id"].tolist() == ["a", "b", "c"]


def test_a_slash_makes_a_folder_of_files(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(conversion, "FILE_ROWS", 3)
    convert_pairs(str(pairs), f"{tmp_path}/parts.parquet/", COLUMNS)
    convert_pairs(f"{tmp_path}/parts.parquet", str(tmp_path / "out.csv.gz"), COLUMNS)
    assert [path.name for path in (tmp_path / "parts.parquet").iterdir()] == ["00000.parquet"]
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out.csv.gz").astype(WIDE.dtypes), WIDE)


@pytest.mark.parametrize("out", ["out.csv", "out.parquet", "out.parquet/", "out"])
def test_a_bad_cell_is_refused_and_nothing_is_left(pairs, refused, tmp_path, out):
    pairs.write_text(pairs.read_text().replace("6.0", "inf"))
    place = "in.csv, row 4, column 'v2'"
    assert refused(pairs, f"{tmp_path}/{out}") == f"{place}: expected a number finite as float32, found inf"


def test_an_id_of_two_vectors_is_refused(pairs, refused, tmp_path):
    WIDE.assign(left=list("aba"), right=list("bcc")).to_csv(pairs, index=False)
    place, found = "in.csv, row 4, column 'right'", "'c' with another vector than where it stood first"
    assert refused(pairs, tmp_path / "out") == f"{place}: expected one vector an id, found {found}"


def test_an_id_with_line_breaks_is_refused_for_csv(refused, tmp_path):
    source = tmp_path / "in.parquet"
    WIDE.assign(who=["x", "a\nb", "y"]).to_parquet(source)
    assert refused(source, tmp_path / "out.csv", "--set", "ids=[who]") == (
        "in.parquet, row 3, column 'who': expected an id without line breaks, for CSV, found 'a\\nb'"
    )


def test_what_stands_there_is_not_written_over(pairs, refused, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    assert refused(pairs, folder) == "out: expected a file or folder that can be written, found something there"
    assert refused(pairs, folder / "none" / "out.csv") == (
        "out/none/out.csv: expected a file or folder that can be written, found no folder out/none"
    )
    assert refused(pairs, f"{tmp_path}/out.csv/") == (
        "out.csv/: expected NAME.parquet/ for a folder of files, found 'out.csv/'"
    )
    assert refused(pairs, pairs) == "in.csv: expected another file or folder than the pairs, found the same"


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    def half():
        with atomic_folder(tmp_path / "out") as folder:
            (folder / "half").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert list(tmp_path.iterdir()) == []
    with atomic_folder(tmp_path / "out") as folder:
        (folder / "whole").touch()
        assert not (tmp_path / "out").exists()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["whole"]
