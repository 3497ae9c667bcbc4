"""The values of every plot at a point, under the mouse, a finger and the arrow keys."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Page

from tests.helpers.pages import DESKTOP, PHONE
from tests.helpers.report_run import make_run
from twinflow.report.run.page import run_page

NAMES = ["intervals", "scores-validation", "scores-test", "objectives", "traded", "cost", "roc", "precision-recall"]
NAMES += ["det", "reliability", "map", "learning-loss", "learning-accuracy", "drift-strip"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("runs"), train_rows=900, test_rows=400)


@pytest.fixture(scope="module")
def address(run):
    path = run / "report.html"
    path.write_text(run_page(run), encoding="utf-8")
    return path.as_uri()


def readings(page: Page, place: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.locator("svg.plot").nth(place).get_attribute("data-readings") or "")
    return found


def at(page: Page, place: int, series: int, point: int) -> tuple[float, float]:
    """Where on the screen a point of a plot is, once the plot is in sight."""
    svg = page.locator("svg.plot").nth(place)
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    assert box
    across, down = readings(page, place)["series"][series]["points"][point][:2]
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


@pytest.mark.parametrize("place", range(len(NAMES)), ids=NAMES)
def test_the_mouse_shows_the_values_of_every_plot(open_page, place):
    page = open_page()
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    series = readings(page, place)["series"]
    point = len(series[0]["points"]) // 2
    page.mouse.move(*at(page, place, 0, point))
    said = page.locator("#at-hand").inner_text()
    assert series[0]["name"] in said
    assert series[0]["points"][point][3] in said
    assert page.locator("#at-hand-dot").is_visible()
    page.mouse.move(1, 1)
    assert page.locator("#at-hand").is_hidden()


def test_the_arrow_keys_walk_along_a_line_and_from_line_to_line(open_page, run):
    page = open_page()
    place = NAMES.index("learning-loss")
    page.locator("svg.plot").nth(place).focus()
    page.keyboard.press("Home")
    history = pd.read_csv(run / "history.csv").groupby("epoch")[["loss", "val_loss"]].mean()
    said = page.locator("#at-hand")
    for epoch in (1, 2, 3):
        loss, other = (f"{history[name][epoch]:.3f}" for name in ("loss", "val_loss"))
        assert said.inner_text().split("\n") == [
            f"epoch {epoch}",
            f"training: loss {loss}",
            f"validation: loss {other}",
        ]
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.locator("#at-hand strong").inner_text().startswith("validation: loss ")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    assert said.inner_text().startswith(f"epoch {readings(page, place)['series'][0]['points'][-1][2]}")
    page.keyboard.press("ArrowRight")  # goes no further
    assert said.is_visible()
    page.keyboard.press("Escape")
    assert said.is_hidden()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    assert "accuracy" in said.inner_text()  # of the next plot
    page.locator("#drift-title").click()
    assert said.is_hidden()


def test_the_tab_key_reaches_a_plot_and_shows_a_value(open_page):
    page = open_page()
    page.locator("#figures a, #figures [tabindex]").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('plot')")
    assert "AUC" in page.locator("#at-hand").inner_text()


def test_a_finger_shows_a_value_and_one_elsewhere_ends_it(open_page):
    page = open_page(viewport=PHONE, has_touch=True)
    place = NAMES.index("roc")
    page.touchscreen.tap(*at(page, place, 1, 40))
    said = page.locator("#at-hand")
    point = readings(page, place)["series"][1]["points"][40]
    assert said.inner_text().split("\n")[:2] == [
        f"different pairs called same {point[2]}",
        f"model: same pairs found {point[3]}",
    ]
    page.locator("#curves-title").scroll_into_view_if_needed()
    page.locator("#curves-title").tap()
    assert said.is_hidden()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_what_is_said_stays_on_the_screen(open_page, viewport):
    page = open_page(viewport=viewport)
    for place in (NAMES.index("scores-test"), NAMES.index("roc")):
        for point in (0, -1):
            page.mouse.move(*at(page, place, 0, point))
            box = page.locator("#at-hand").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= viewport["width"]
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_without_a_script_a_plot_is_an_image(open_page):
    page = open_page(java_script_enabled=False)
    plots = page.locator("svg.plot[role=img]:not([tabindex])")
    assert plots.count() == len(NAMES)


def test_plots_side_by_side_have_the_same_axes(open_page):
    """One bin of scores lies at the same place in both, and means the same score."""
    page = open_page()
    one, other = (
        readings(page, NAMES.index(f"scores-{name}"))["series"][0]["points"] for name in ("validation", "test")
    )
    assert [point[::2][:2] for point in one] == [point[::2][:2] for point in other]
    share = {point[3].split("%")[0]: point[1] for point in one}
    for point in other:
        if (told := point[3].split("%")[0]) in share:
            assert point[1] == pytest.approx(share[told], abs=0.006)
