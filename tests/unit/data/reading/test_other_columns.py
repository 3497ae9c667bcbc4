"""Files whose columns are not those of the settings: the message names the settings that are for such files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from twinflow.data.columns import PairColumns
from twinflow.data.reading.header import check_header
from twinflow.data.reading.other_columns import settings_for
from twinflow.data.reading.pair_files import read_delivery
from twinflow.errors import DataError

COLUMNS = PairColumns()


def columns(prefix: str, numbers: Iterable[int]) -> list[str]:
    return [f"{prefix}{number}" for number in numbers]


@pytest.mark.parametrize(
    ("names", "given"),
    [
        ([*columns("v", range(768)), "class"], "--set side_width=384"),
        ([*columns("v", range(256)), "class"], "--set side_width=128"),
        ([*columns("v", range(767, -1, -1)), "class"], "--set side_width=384"),
        ([*columns("x", range(400)), "class"], "--set prefix=x"),
        ([*columns("dim_", range(768)), "is_same"], "--set prefix=dim_ --set side_width=384 --set label=is_same"),
        ([*columns("v", range(400)), "same"], "--set label=same"),
        ([*columns("v", range(2)), "class"], "--set side_width=1"),
    ],
)
def test_the_settings_for_a_file_are_named(names: list[str], given: str) -> None:
    with pytest.raises(DataError) as raised:
        check_header("a.csv", names, COLUMNS, labelled=True)
    assert str(raised.value).splitlines()[0].endswith(f"; {given} is for such files")
    assert str(raised.value).count("--set") == given.count("--set")


@pytest.mark.parametrize(
    "names",
    [
        [*columns("v", range(1, 769)), "class"],  # from 1 on
        [*columns("v", range(767)), "class"],  # no two sides
        [*columns("v", range(398)), "class"],  # the last two are lost, rather
        [*columns("v", [*range(300), *range(400, 868)]), "class"],
        [*columns("", range(768)), "class"],
        [*columns("yes", range(400)), "class"][:1],
        [*columns("no", range(400)), "class"],  # which YAML takes for false
        [*columns("v", range(400)), "pair", "same"],
        [*columns("v", range(400)), "yes"],
        [*columns("a b", range(768)), "class"],
        [*columns("$(reboot)", range(768)), "class"],
        ["left", "right"],
        [],
    ],
)
def test_where_it_is_not_clear_nothing_is_named(names: list[str]) -> None:
    assert settings_for(names, COLUMNS, labelled=True) == ""


def test_a_label_is_named_only_where_one_is_asked_for() -> None:
    names = [*columns("v", range(768)), "same"]
    assert settings_for(names, COLUMNS, labelled=False) == "; --set side_width=384 is for such files"


def test_the_bank_of_the_compact_form_has_one_side() -> None:
    names = ["id", *columns("v", range(384))]
    assert (
        settings_for(names, COLUMNS.of_bank(named=True), labelled=False) == "; --set side_width=384 is for such files"
    )
    assert settings_for(["left", "right", "class"], COLUMNS.of_links(), labelled=True) == ""


def test_a_delivery_of_another_encoder_is_told_so(tmp_path: Path) -> None:
    names = columns("x", range(4))
    (tmp_path / "new.csv").write_text(",".join(names) + "\n1,2,3,4\n")
    with pytest.raises(DataError, match=r"found 'x0', .*; --set prefix=x --set side_width=2 is for such files$"):
        read_delivery(tmp_path / "new.csv", COLUMNS)
