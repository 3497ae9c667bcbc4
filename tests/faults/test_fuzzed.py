"""What the fuzzers of `tests/fuzz` begin with, and what they found, held on every commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import csv_files, documents, parquet_files
from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.data.reading import csv_pairs
from twinflow.data.reading.pair_files import read_cells
from twinflow.errors import ArtifactError, DataError, SettingsError
from twinflow.monitoring.profile import Profile
from twinflow.settings import load_settings
from twinflow.system.files import refused_if_damaged

FOUND = {
    csv_files: [
        b"\x09aa,1,2,q\xbe\n",  # a byte that is no text, in a column that nobody reads
        b"\x03\xef\xbb\xbfa,1,2,1\nb,1,2,0\n",  # a byte-order mark at the start of a block
        b'\x03"a,",1,+,"4rue\r\n\xc3\xa9,+2 ,"4",1.0\r\n\r\n',  # a quote that is open at the end of a block
        b"\x27",  # no rows, of which no cells are asked for
    ],
    parquet_files: [b'\x02{"index_columns": ["id", {"kind"8 "range"}]}', b"\x02[]", b'\x02{"index_columns": 3}'],
    documents: [bytes([17, at, value]) + documents.SEEDS[2][1:] for at in range(0, 24, 3) for value in range(15)],
}
KEPT = [(target, data) for target, found in FOUND.items() for data in (*target.SEEDS, *found)]


@pytest.mark.parametrize("number", range(len(KEPT)))
def test_what_was_found_stays_mended(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", csv_pairs.BLOCK_BYTES)  # which a target changes
    target, data = KEPT[number]
    target.check(data)


def test_networks_that_were_changed_are_loaded_or_refused() -> None:
    from tests.fuzz import networks  # saves some, by Keras

    nothing_for_configuration = b"\x00\x01\x03\x00"
    for data in (*networks.SEEDS, nothing_for_configuration, *(bytes([0, 1, at, 3]) for at in range(30))):
        networks.check(data)


COLUMNS = PairColumns(1)


def test_a_cell_has_one_value_whatever_stands_beside_it(tmp_path: Path) -> None:
    """A number just above the middle of two float32's: by way of float64 it would become the lower one."""
    cell = "1.00000005960464477540"
    for name, other in (("alone", "2"), ("beside", "+2")):  # a plus sign sends the block another way
        (tmp_path / name).write_text(f"v0,v1,class\n{cell},{other},1\n")
    read = [read_frame(tmp_path / name, COLUMNS)["v0"].item() for name in ("alone", "beside")]
    assert read == [1.00000011920928955078125] * 2


def test_cells_of_any_length_are_read_and_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("v0,v1,class\n" + "x" * 3_000_000 + ",2,1\n")
    assert read_frame(path, COLUMNS)["v1"].tolist() == [2]
    assert read_cells(path, COLUMNS, True, [(2, "v0")]) == ["x" * 3_000_000]


def test_what_has_no_lines_is_not_gathered_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", 50)
    monkeypatch.setattr(csv_pairs, "LONGEST_LINE", 100)
    for content, row in (("x" * 200, 1), ("v0,v1,class\n1,2,1\n" + "x" * 200, 3)):
        (tmp_path / "a.csv").write_text(content)
        with pytest.raises(DataError, match=f"row {row}: expected a line of at most 100 bytes, found a longer one"):
            read_frame(tmp_path / "a.csv", COLUMNS)


def test_a_carriage_return_alone_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"v0,v1,class\r\n1,2,1\r\n3\r,4,0\r\n")
    with pytest.raises(DataError, match="row 3: expected lines that end with a newline, found a carriage return alone"):
        read_frame(tmp_path / "a.csv", COLUMNS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1\nhead: cosine\nseed: 2\n", "expected YAML, found the key 'seed' twice"),
        ("seed: yes\n", "seed: expected a number or a word; YAML takes yes, no, on, off, true and false for neither"),
        ("units: [true, 8]\n", "units: expected a number or a word"),
        ("seed: 2001-99-99\n", "expected YAML, found month must be in 1..12"),
        ("[" * 1000, "expected YAML, found maximum recursion depth exceeded"),
        (f"seed: {'9' * 5000}\n", "expected YAML, found Exceeds the limit"),
        ("seed: " + "x" * 5000, "seed: Input should be a valid integer, unable to parse"),
    ],
)
def test_settings_that_would_be_read_as_others_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "a.yaml")
    assert str(caught.value).startswith(f"{tmp_path / 'a.yaml'}: {said}")
    assert len(str(caught.value)) < 500


def test_an_echo_of_a_setting_is_short_however_often_it_names_itself(tmp_path: Path) -> None:
    lines = [
        "a: &a [x, x]",
        *(f"{name}: &{name} [{f'*{before}, ' * 9}]" for before, name in zip("abcdefgh", "bcdefghi", strict=True)),
    ]
    (tmp_path / "a.yaml").write_text("\n".join([*lines, "ids: *i"]))
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "a.yaml")
    assert len(str(caught.value)) < 10_000


@pytest.mark.parametrize("changes", [{"scores": [1.0, 2.0, 3.0]}, {"label": ["a", "b"]}, {"counts": [1, 2, 3]}])
def test_a_profile_whose_arrays_do_not_go_together_is_refused(changes: dict, tmp_path: Path) -> None:
    import numpy as np

    (tmp_path / "profile.npz").write_bytes(documents.npz(**{key: np.array(value) for key, value in changes.items()}))
    with pytest.raises(ArtifactError, match=r"profile\.npz: expected the profile .*, found"):
        Profile.load(tmp_path / "profile.npz")


def test_faults_of_the_disk_are_not_taken_for_damage(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output"), refused_if_damaged(tmp_path, "a file"):
        raise OSError(5, "Input/output error")
