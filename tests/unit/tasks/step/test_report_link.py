"""Artifacts lead to their reports where a server of these is known to have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.step.report_link import with_link

SHOWN = "# Run: can be trusted\n\nA sentence.\n\n| a |\n"
ADDRESS = "http://127.0.0.1:4280/"


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TWINFLOW_RUNS", str(tmp_path))
    monkeypatch.setenv("TWINFLOW_REPORTS", ADDRESS)
    return tmp_path


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("2025-a/report.html", "2025-a/report.html"),
        ("monitor/2025-a/drift.html", "monitor/2025-a/drift.html"),
        ("2025-é (b)/report.html", "2025-%C3%A9%20%28b%29/report.html"),
    ],
)
@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.rstrip("/"), "https://reports.example.org/there/"])
def test_the_link_stands_below_the_title(
    report: str, expected: str, address: str, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINFLOW_REPORTS", address)
    title, link, rest = with_link(SHOWN, runs / report).split("\n\n", 2)
    assert link == f"[The whole report]({address.rstrip('/')}/{expected})"
    assert f"{title}\n\n{rest}" == SHOWN


def test_whatever_name_the_folder_goes_by(
    runs: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other") / "link"
    other.symlink_to(runs)
    assert f"({ADDRESS}a/report.html)" in with_link(SHOWN, other / "a" / "report.html")
    monkeypatch.chdir(runs)
    assert f"({ADDRESS}a/report.html)" in with_link(SHOWN, Path("a/report.html"))


@pytest.mark.parametrize("report", ["report.html", "a/b/report.html", "../a/report.html", "monitor/a/b/drift.html"])
def test_a_report_elsewhere_has_none(report: str, runs: Path) -> None:
    assert with_link(SHOWN, runs / report) == SHOWN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWINFLOW_REPORTS", None),
        ("TWINFLOW_REPORTS", ""),
        ("TWINFLOW_REPORTS", "127.0.0.1:4280"),
        ("TWINFLOW_REPORTS", "javascript:alert(1)"),
        ("TWINFLOW_REPORTS", "http://a) [b](http://c"),
        ("TWINFLOW_RUNS", None),
        ("TWINFLOW_RUNS", ""),
        ("TWINFLOW_RUNS", "s3://bucket/runs"),
    ],
)
def test_nor_has_one_where_no_server_of_reports_is_known(
    name: str, value: str | None, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    assert with_link(SHOWN, runs / "a" / "report.html") == SHOWN
