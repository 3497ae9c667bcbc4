"""The list of reports as its server shows it: a table that can be searched, at both widths."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from flows.serving.report_server import ReportServer
from tests.helpers.pages import DESKTOP, PHONE
from tests.helpers.report_run import make_run


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("runs")
    run = make_run(folder, train_rows=600, test_rows=300)
    other = run.rename(folder / "20260102T030405Z-0a0a0a-second")
    make_run(folder, train_rows=600, test_rows=300, duplicates=20)
    (folder / "current").symlink_to(other.name)
    for each in folder.glob("2*"):
        (each / "report.html").write_text("<p>a report")
        (each / "manifest.json").write_text("{}")
    with ReportServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_table_is_searched_by_keys(open_page, viewport) -> None:
    page = open_page(viewport=viewport)
    rows = page.locator("#reports tbody tr")
    assert rows.count() == 2
    assert page.locator("#found").inner_text() == "2 reports"
    assert "current" in rows.nth(0).inner_text()
    page.keyboard.press("Tab")
    page.keyboard.type("SECOND current")
    assert [rows.nth(place).is_visible() for place in range(2)] == [True, False]
    assert page.locator("#found").inner_text() == "1 of 2"
    page.locator("#search").fill("")
    assert rows.nth(1).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_verdict_is_told_by_words_and_colour(open_page) -> None:
    page = open_page()
    verdicts = page.locator("#reports .verdict")
    assert verdicts.nth(1).inner_text() == "can't be trusted"
    colours = [each.evaluate("node => getComputedStyle(node).color") for each in verdicts.all()]
    assert colours[0] != colours[1]
