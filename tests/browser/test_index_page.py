"""The list of reports as its server shows it: a table that can be searched, at both widths."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from flows.serving.report_server import ReportServer
from tests.helpers.pages import DESKTOP, PHONE, assert_fits
from tests.helpers.report_run import make_run
from twinflow.system.json_files import read_json

UI = "http://127.0.0.1:4200"
MADE_BY = "9d0fa0d0-0000-4000-8000-000000000000"


@contextmanager
def served(folder: Path, ui: str | None = None) -> Iterator[str]:
    """The address of a server of the reports in a folder."""
    with ReportServer(folder, ui=ui) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    run = make_run(folder, train_rows=600, test_rows=300)
    other = run.rename(folder / "20260102T030405Z-0a0a0a-second")
    make_run(folder, train_rows=600, test_rows=300, duplicates=20)
    (folder / "current").symlink_to(other.name)
    for each in folder.glob("2*"):
        (each / "report.html").write_text("<p>a report")
        (each / "manifest.json").write_text("{}")
    (other / "manifest.json").write_text(f'{{"flow_run": "{MADE_BY}"}}')
    return folder


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    with served(runs) as found:
        yield found


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


def press_until(page: Page, key: str, said: str, expected: str) -> None:
    """Press a key until what is in focus says what is expected."""
    for _ in range(30):
        if page.evaluate(f"document.activeElement.{said}") == expected:
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} does not lead to {expected}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_two_runs_are_chosen_by_keys_and_shown_side_by_side(chromium, address, runs, viewport, scheme) -> None:
    page = chromium.new_page(viewport=viewport, color_scheme=scheme)
    page.goto(address)
    beside, boxes = page.locator("#beside"), page.locator("#reports .choose")
    assert beside.inner_text() == "Tick two runs to see them side by side."
    names = boxes.evaluate_all("all => all.map((each) => each.value)")
    for name in names:
        press_until(page, "Tab", "value", name)
        page.keyboard.press("Space")
    assert_fits(page, viewport, scheme)
    press_until(page, "Shift+Tab", "textContent", "See both side by side")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}beside/{names[0]}/{names[1]}")
    verdicts = page.locator("#runs .verdict")
    assert verdicts.all_inner_texts() == [read_json(runs / name / "gate.json")["trust"]["verdict"] for name in names]
    assert all(each.bounding_box()["x"] + each.bounding_box()["width"] <= viewport["width"] for each in verdicts.all())
    assert page.locator("#runs thead a").all_inner_texts() == names
    assert page.locator("#curves svg.plot").count() == 1
    assert_fits(page, viewport, scheme)
    page.locator("header a").click()
    page.wait_for_url(address)
    page.close()


def test_a_third_run_takes_the_place_of_the_first(chromium, runs, tmp_path) -> None:
    names = ["20260103T000000Z-c", "20260102T000000Z-b", "20260101T000000Z-a"]
    for name in names:
        (tmp_path / name).mkdir()
        for file in ("report.html", "manifest.json"):
            (tmp_path / name / file).write_text("{}")
    with served(tmp_path) as found:
        page = chromium.new_page()
        page.goto(found)
        boxes = page.locator("#reports .choose")
        for place in range(3):
            boxes.nth(place).click()
        assert [boxes.nth(place).is_checked() for place in range(3)] == [False, True, True]
        assert page.locator("#beside a").get_attribute("href") == f"/beside/{names[1]}/{names[2]}"
        boxes.nth(1).click()
        assert page.locator("#beside a").count() == 0
        page.close()


def test_runs_lead_to_prefect_where_its_address_is_known(chromium, address, runs) -> None:
    with served(runs, UI) as found:
        page = chromium.new_page()
        page.goto(found)
        links = page.get_by_role("link", name="in Prefect")
        assert links.count() == 1  # the other run's manifest names no flow
        assert links.get_attribute("href") == f"{UI}/runs/flow-run/{MADE_BY}"
        page.goto(address)
        assert links.count() == 0
        page.close()
