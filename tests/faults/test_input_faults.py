"""Faults of single inputs (N01, N02, N07, N09, N20): pipes, decimals, spellings, ids and columns without a value."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import unicodedata
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.pair_files import read_pairs
from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs
from twinflow.data.partitions import list_partitions
from twinflow.data.reading.forms import fingerprint
from twinflow.data.reading.pair_files import read_delivery
from twinflow.errors import ArtifactError, DataError, SettingsError
from twinflow.monitoring.drift import Sample, check_drift
from twinflow.settings import load_settings
from twinflow.system.json_files import read_json

COLUMNS = PairColumns(2)
ROWS = 300
VECTORS = np.random.default_rng(0).normal(size=(ROWS, 4)).round(6)
PAIRS = pd.DataFrame(VECTORS, columns=list(COLUMNS.vectors)).assign(**{"class": np.arange(ROWS) % 2})
CSV = PAIRS.to_csv(index=False).encode()


def said(path: Path) -> str:
    """What readers of pairs say of a path, without its name."""
    lines = set()
    for read in (read_frame, read_pairs, read_delivery):
        with pytest.raises(DataError) as caught:
            read(path, COLUMNS)
        lines.add(str(caught.value).removeprefix(str(path)).lstrip(",: "))
    (line,) = lines
    return line


@pytest.mark.timeout(20)
def test_n01_a_named_pipe_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pairs.csv"
    os.mkfifo(pipe)
    assert said(pipe) == "expected a readable CSV or Parquet file, found a pipe: a regular file is needed"
    (tmp_path / "a.csv").write_bytes(CSV)
    for path in (pipe, tmp_path):
        with pytest.raises(DataError, match=r"/pairs\.csv: expected .*, found a pipe"):
            fingerprint(path)
    with pytest.raises(DataError, match=r"/pairs\.csv: expected .*, found a pipe"):
        read_pairs(tmp_path, COLUMNS)
    os.mkfifo(tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"^.*/b\.parquet: expected a readable file, found a pipe: a regular file"):
        list_partitions(str(tmp_path / "b.parquet"), COLUMNS)
    with pytest.raises(SettingsError, match=r"/pairs\.csv: expected a readable YAML file, found a pipe"):
        load_settings(pipe)
    with pytest.raises(ArtifactError, match=r"/pairs\.csv: expected a file of a twinflow run, found a pipe"):
        read_json(pipe)


def test_n01_so_is_what_a_shell_pipes_in_and_a_device(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, CSV[:1000])
        found = "expected a readable CSV or Parquet file, found a pipe: a regular file is needed"
        assert said(Path(f"/dev/fd/{reading}")) == found
    finally:
        os.close(reading)
        os.close(writing)
    assert said(Path("/dev/zero")) == found.replace("a pipe", "a device")
    with (tmp_path / "a.csv").open("wb+") as file:  # as of `< a.csv`
        file.write(CSV)
        file.flush()
        assert len(read_pairs(f"/dev/fd/{file.fileno()}", COLUMNS)) == ROWS


@pytest.mark.parametrize("width", [128, 256])
def test_n02_decimals_are_read_as_the_same_digits_in_csv(tmp_path: Path, width: int) -> None:
    made = {128: pa.decimal128, 256: pa.decimal256}[width]
    digits = [[Decimal(f"{value:.6f}") for value in column] for column in VECTORS.T]
    digits[0][0], digits[1][1] = Decimal("-123456789012.123456"), None
    columns = {name: pa.array(cells, made(18, 6)) for name, cells in zip(COLUMNS.vectors, digits, strict=True)}
    table = pa.table({**columns, "class": pa.array([Decimal(i % 2) for i in range(ROWS)], made(38, 0))})
    pq.write_table(table, tmp_path / "a.parquet")
    table.to_pandas().to_csv(tmp_path / "a.csv", index=False)
    found = read_frame(tmp_path / "a.parquet", COLUMNS)
    pd.testing.assert_frame_equal(found, read_frame(tmp_path / "a.csv", COLUMNS))
    assert found["v0"].iloc[0] == np.float32(-123456789012.123456)
    assert found["class"].tolist() == [float(i % 2) for i in range(ROWS)]


def test_n02_numbers_and_ids_may_be_kept_by_a_dictionary(tmp_path: Path) -> None:
    columns = PairColumns(2, ids=("who", "long"))
    names = pa.array(["b", None, "b"] * (ROWS // 3))
    table = pa.Table.from_pandas(PAIRS.round(1), preserve_index=False)
    table = pa.table({name: table[name].combine_chunks().dictionary_encode() for name in table.column_names})
    table = table.append_column("who", names.dictionary_encode()).append_column("long", names.cast(pa.large_string()))
    pq.write_table(table, tmp_path / "a.parquet")
    found = read_frame(tmp_path / "a.parquet", columns)
    np.testing.assert_array_equal(found[list(COLUMNS.vectors)], PAIRS[list(COLUMNS.vectors)].round(1).astype("float32"))
    assert found["who"].tolist() == found["long"].tolist() == ["b", "", "b"] * (ROWS // 3)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("forms", [("NFD", "NFC"), ("NFC", "NFD")])
def test_n07_a_name_is_found_in_either_spelling(tmp_path: Path, kind: str, forms: tuple[str, str]) -> None:
    in_file, in_settings = (unicodedata.normalize(form, "größe") for form in forms)
    assert in_file != in_settings
    frame = PAIRS.rename(columns={"class": in_file}).assign(**{in_file + "n": 7})
    path = tmp_path / f"a.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path, index=False)
    columns = PairColumns(2, label=in_settings, ids=(in_settings + "n",))
    assert read_pairs(path, columns).known_label.tolist() == PAIRS["class"].tolist()
    assert read_pairs(path, columns).ids[in_settings + "n"].tolist() == ["7"] * ROWS
    frame.loc[3, in_file] = 2
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path, index=False)
    with pytest.raises(DataError, match=f"row 5, column '{in_settings}': expected 0 .different. or 1"):
        read_pairs(path, columns)


def test_n07_both_spellings_at_once_are_one_name_twice(tmp_path: Path) -> None:
    both = {unicodedata.normalize(form, "größe"): PAIRS["class"] for form in ("NFC", "NFD")}
    PAIRS.drop(columns="class").assign(**both).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(DataError, match=r"row 1: expected every column once, found 'größe' 2 times$"):
        read_pairs(tmp_path / "a.csv", PairColumns(2, label="größe"))


def test_n09_whole_ids_of_a_column_of_floats_are_whole_numbers(tmp_path: Path) -> None:
    columns = PairColumns(2, ids=("left",))
    large = 1e16 + 2 * np.arange(ROWS)
    large[3] = np.nan
    PAIRS.assign(left=large).to_parquet(tmp_path / "a.parquet", index=False)
    PAIRS.assign(left=large).to_csv(tmp_path / "a.csv", index=False)
    expected = [str(10**16 + 2 * i) for i in range(ROWS)]
    expected[3] = ""
    for name in ("a.parquet", "a.csv"):
        assert read_frame(tmp_path / name, columns)["left"].tolist() == expected


def test_n09_other_ids_stay_as_they_are(tmp_path: Path) -> None:
    ids = ["5.0", "007", "1e5", "5", "", "5.50", "x.0", "-3.00", "1.2.0", "12e3"]
    frame = PAIRS[: len(ids)].assign(left=ids)
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    kept = ["5", "007", "1e5", "5", "", "5.50", "x.0", "-3", "1.2.0", "12e3"]
    for name in ("a.csv", "a.parquet"):
        assert read_frame(tmp_path / name, PairColumns(2, ids=("left",)))["left"].tolist() == kept


def test_n09_5_and_5_0_of_one_folder_are_one_vector_of_the_bank(tmp_path: Path, twinflow) -> None:
    half = PAIRS[:30].assign(left=[f"{i}.0" for i in range(30)], right="a")
    half[["v2", "v3"]] = 1.0
    (tmp_path / "in").mkdir()
    half.to_csv(tmp_path / "in" / "a.csv", index=False)
    half.assign(left=range(30)).to_csv(tmp_path / "in" / "b.csv", index=False)
    code, _, told = twinflow("convert", "--pairs", tmp_path / "in", "--out", tmp_path / "out", "--set", "side_width=2")
    assert (code, told.strip()) == (0, f"60 pairs written: {tmp_path / 'out'}")
    assert sorted(pd.read_parquet(tmp_path / "out" / "vectors.parquet")["id"]) == sorted([*map(str, range(30)), "a"])


def test_n20_a_column_without_a_value_is_empty_whatever_its_type(tmp_path: Path) -> None:
    PAIRS.assign(v3=np.nan).to_csv(tmp_path / "a.csv", index=False)
    PAIRS.assign(v3=np.nan).to_parquet(tmp_path / "nan.parquet", index=False)
    PAIRS.assign(v3=None).to_parquet(tmp_path / "null.parquet", index=False)
    assert pa.types.is_null(pq.read_schema(tmp_path / "null.parquet").field("v3").type)
    reference = Sample(Pairs.from_frame(PAIRS.astype("float32"), COLUMNS), np.zeros(ROWS))
    for name in ("a.csv", "nan.parquet", "null.parquet"):
        found = read_delivery(tmp_path / name, COLUMNS)
        assert found.frame["v3"].isna().all()
        check = check_drift(reference, Sample(Pairs.from_frame(found.frame, COLUMNS), np.zeros(ROWS)), COLUMNS)
        assert check["verdict"] == "drift"
        assert {each["column"]: each["state"] for each in check["columns"]}["v3"] == "empty"
        with pytest.raises(DataError, match="row 2, column 'v3': expected a number finite as float32, found an empty"):
            read_pairs(tmp_path / name, COLUMNS)


def test_n20_ids_and_labels_without_a_value_are_none(tmp_path: Path) -> None:
    PAIRS.assign(who=None, **{"class": None}).to_parquet(tmp_path / "a.parquet", index=False)
    found = read_delivery(tmp_path / "a.parquet", PairColumns(2, ids=("who",))).frame
    assert found["who"].tolist() == [""] * ROWS
    assert found["class"].isna().all()
    with pytest.raises(DataError, match=r"column 'class': expected 0 .* found an empty cell in 300 rows$"):
        read_pairs(tmp_path / "a.parquet", PairColumns(2, ids=("who",)))


def packed(kind: str) -> bytes:
    sink = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", CSV)
    if kind == "tar":
        with tarfile.open(fileobj=sink, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO())
    return sink.getvalue()


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.csv.gz"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (packed("zip"), "a zip archive (.xlsx and .npz are zip archives too)"),
        (bz2.compress(CSV), "a file compressed with bzip2"),
        (lzma.compress(CSV), "a file compressed with xz"),
        (bytes(pa.compress(CSV, "zstd", asbytes=True)), "a file compressed with zstd"),
        (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100), "a 7z archive"),
        (packed("tar"), "a tar archive"),
    ],
    ids=["zip", "bz2", "xz", "zst", "7z", "tar"],
)
def test_a_packed_file_is_named_by_what_it_is(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert said(tmp_path / name) == f"expected CSV, CSV.gz or Parquet, found {kind}"


def test_so_is_what_a_gzip_file_has_in_it(tmp_path: Path) -> None:
    expected = "expected CSV, CSV.gz or Parquet, found"
    for content, kind in ((packed("tar"), "a tar archive"), (gzip.compress(CSV), "a gzip file in a gzip file")):
        (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
        assert said(tmp_path / "a.csv.gz") == f"{expected} {kind}"
    (tmp_path / "a.parquet").write_bytes(gzip.compress(CSV))
    assert said(tmp_path / "a.parquet") == f"{expected} a gzip file"


def test_text_is_no_archive_whatever_it_begins_with(tmp_path: Path) -> None:
    for name in ("ORC", "PARENT", "BZh", "ARROW1"):
        PAIRS.assign(**{name: "é"})[[name, *PAIRS]].to_csv(tmp_path / "a.csv", index=False)
        assert len(read_pairs(tmp_path / "a.csv", PairColumns(2, ids=(name,)))) == ROWS


def test_a_decimal_comma_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.csv"
    PAIRS.to_csv(path, index=False, decimal=",")
    with pytest.raises(DataError, match=r"row 2, column 'v0': expected .* found '0,12573' .a decimal comma."):
        read_pairs(path, COLUMNS)
    assert caplog.messages == [f"{path}: 0,12573 is no number here: decimals have a point, not a decimal comma"]
