"""Two runs side by side, whatever their folders hold."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.report_run import make_run
from twinflow.report.index.beside import File, beside_page
from twinflow.statistics.numbers import interval, number
from twinflow.system.json_files import read_json, write_json

ONE, OTHER = "20260101T000000Z-0a0a0a-one", "20260102T000000Z-0b0b0b-other"
DOCUMENTS = ("gate.json", "metrics.json", "inputs.json", "settings.yaml", "manifest.json", "test_scores.parquet")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    make_run(folder, train_rows=600, test_rows=300).rename(folder / ONE)
    make_run(folder, train_rows=600, test_rows=300, seed=1, epochs=7, head="l1-contrastive").rename(folder / OTHER)
    (folder / "current").symlink_to(ONE)
    return folder


@pytest.fixture
def runs(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "runs", symlinks=True))


def cells(page: str, name: str) -> list[str]:
    """The texts of the cells of the row of a name, the small ones with them."""
    (row,) = re.findall(rf'<tr><th scope="row">(?:<code>)?{re.escape(name)}<(.*?)</tr>', page)
    found = re.findall(r"<td[^>]*>(.*?)</td>", row)
    return [" ".join(re.sub("<[^>]*>", " ", each).split()) for each in found]


def test_verdicts_figures_data_and_settings_stand_side_by_side(runs: Path) -> None:
    page = beside_page(runs, (ONE, OTHER))
    gates, metrics = (
        [read_json(runs / name / file) for name in (ONE, OTHER)] for file in ("gate.json", "metrics.json")
    )
    assert cells(page, "Verdict") == [each["trust"]["verdict"] for each in gates]
    assert cells(page, "State")[0] == "current"
    assert cells(page, "Head") == ["anchored", "l1-contrastive"]
    tests = [each["test"] for each in metrics]
    assert cells(page, "AUC") == [f"{number(each['auc'])} {interval(each['auc_interval'])}" for each in tests]
    assert cells(page, "epochs") == ["200", "7"]
    assert cells(page, "loss") == ["cross-entropy", "contrastive"]  # the heads' own
    assert "<code>seed</code>" not in page
    assert "On the same test file." in page
    assert cells(page, "Test file")[0].startswith("test.csv 300 pairs, ")
    assert 'data-readings="' in page


@pytest.mark.parametrize(("sha256", "said"), [("f" * 64, "The test files differ"), (None, "The test files may differ")])
def test_other_test_files_are_warned_of(sha256: str | None, said: str, runs: Path) -> None:
    inputs = read_json(runs / OTHER / "inputs.json")
    write_json(runs / OTHER / "inputs.json", {**inputs, "test": {**inputs["test"], "sha256": sha256}})
    page = beside_page(runs, (ONE, OTHER))
    assert said in page
    assert "On the same test file." not in page


def test_settings_that_are_the_same_are_not_shown(runs: Path) -> None:
    shutil.copy(runs / ONE / "settings.yaml", runs / OTHER)
    assert "<p>None.</p>" in beside_page(runs, (ONE, OTHER))


HOSTILE = (
    "",
    "{}",
    "[]",
    "torn",
    '{"test": 5, "train": [], "trust": 5}',
    '{"test": {"auc": NaN}}',
    '{"test": {"auc": "<b>", "auc_interval": [1], "path": 5, "rows": "<b>"}, "trust": {"verdict": ["<b>"]}}',
    '{"test": {"auc": true, "auc_interval": [0, null], "path": "<b>", "sha256": 5, "rows": 0, "same": 0}}',
    '{"test": {"auc": 1e999, "path": "<b>", "sha256": "<b>", "rows": -1, "same": 2}, "trust": {"verdict": "<b>"}}',
    '{"test": {"auc": 1' + "0" * 400 + ', "path": "<b>", "rows": 1e299, "same": 1}, "head": "<b>"}',
    "a0: &a0 [<b>]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)) + "ids: *a59\n",
    "5: 6\n",
    "head: <b>\n",
    "epochs: " + "9" * 5000 + "\n",
)


@pytest.mark.parametrize("content", HOSTILE)
def test_what_can_not_be_read_is_left_empty(content: str, runs: Path) -> None:
    for name in DOCUMENTS:
        (runs / OTHER / name).write_text(content)
    page = beside_page(runs, (ONE, OTHER))
    assert "<b>" not in page
    first, second = cells(page, "AUC")
    assert first.startswith("0.")
    assert second == "undefined"
    assert cells(page, "Head")[0] == "anchored"
    assert 'id="curves"' in page
    for name in DOCUMENTS:
        (runs / ONE / name).write_text(content)
    page = beside_page(runs, (ONE, OTHER))
    assert "Neither run has any that can be read." in page
    assert 'id="curves"' not in page
    assert "<b>" not in page


def test_what_is_missing_or_much_too_large_is_left_empty(runs: Path) -> None:
    for name in DOCUMENTS:
        with (runs / OTHER / name).open("wb") as file:
            file.truncate(1 << 28)
    assert "Not known: the settings of one of them can't be read." in beside_page(runs, (ONE, OTHER))
    for name in DOCUMENTS:
        (runs / OTHER / name).unlink()
    page = beside_page(runs, (ONE, OTHER))
    assert "Not known: the settings of one of them can't be read." in page
    assert cells(page, "Verdict")[1] == "–"


def test_names_and_settings_are_text(runs: Path) -> None:
    settings = (runs / OTHER / "settings.yaml").read_text()
    (runs / OTHER / "settings.yaml").write_text(settings.replace("label: class", "label: <b>x</b>"))
    page = beside_page(runs, (ONE, OTHER))
    assert cells(page, "label") == ["class", "&lt;b&gt;x&lt;/b&gt;"]
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, None),
        ({"path": 5}, None),
        ({"path": "data/a.csv"}, File("a.csv", None, None, None)),
        ({"path": "a.csv", "sha256": "f", "rows": 4, "same": 1}, File("a.csv", "f", 4, 0.25)),
        ({"path": "a.csv", "rows": 4, "same": 5}, File("a.csv", None, None, None)),
        ({"path": "a.csv", "rows": 0, "same": 0}, File("a.csv", None, None, None)),
        ({"path": "a.csv", "rows": True, "same": 1}, File("a.csv", None, None, None)),
    ],
)
def test_of_a_file_is_told_what_is_known(found: Any, expected: File | None) -> None:
    assert File.of(found) == expected
