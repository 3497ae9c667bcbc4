"""The page of a check in a browser: what it loads, what it shows first, how it fits."""

from __future__ import annotations

import pytest

from tests.helpers.drift_check import make_bad_delivery, make_check, write
from tests.helpers.pages import DESKTOP, PHONE, assert_fits
from twinflow.report.drift.page import drift_page

PAGES = {
    "drift": lambda: make_check(shift=1.0, missing=[7], right=0.9, width=200),
    "bad delivery": make_bad_delivery,
}


@pytest.fixture(scope="module", params=PAGES)
def page_name(request):
    return request.param


@pytest.fixture(scope="module")
def address(page_name, tmp_path_factory):
    folder = write(PAGES[page_name](), tmp_path_factory.mktemp("check"))
    (folder / "drift.html").write_text(drift_page(folder), encoding="utf-8")
    return (folder / "drift.html").as_uri()


def test_the_verdict_comes_first_and_nothing_goes_wrong(open_page, page_name):
    page = open_page()
    headline = {"drift": "It has drifted", "bad delivery": "The delivery can’t be read"}[page_name]
    assert page.title() == f"new <b>.csv: {headline}"
    verdict = page.locator("#verdict-title")
    assert verdict.inner_text() == headline
    assert verdict.bounding_box()["y"] < DESKTOP["height"] / 2
    assert page.locator("svg.plot").count() == {"drift": 3, "bad delivery": 1}[page_name]
    assert page.locator("svg.plot:not([tabindex])").count() == 0  # each says its values


def test_the_arrow_keys_walk_along_the_history(open_page):
    page = open_page()
    page.locator("#history svg.plot").focus()
    page.keyboard.press("Home")
    assert page.locator("#at-hand").inner_text().endswith("50.0% (45.0% to 55.0%) called same")
    page.keyboard.press("ArrowRight")  # past the check without calls
    assert page.locator("#at-hand").inner_text().endswith("52.0% (47.0% to 57.0%) called same")


def test_the_strip_has_a_cell_for_each_column_and_the_history_a_line(open_page, page_name):
    page = open_page()
    outlines = page.locator("#columns svg.plot path[style*=rust], #columns svg.plot path[style*=ink]").all()
    cells = sum(outline.get_attribute("d").lower().count("z") for outline in outlines)
    assert cells == (400 if page_name == "drift" else 0)
    history = page.locator("#history svg.plot")
    assert history.is_visible()
    assert "Share called same over " in history.get_attribute("aria-label")
    assert page.locator("#history tbody tr").count() == {"drift": 3, "bad delivery": 4}[page_name]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_fits_the_screen(open_page, viewport, scheme):
    assert_fits(open_page(viewport=viewport, color_scheme=scheme), viewport, scheme)
