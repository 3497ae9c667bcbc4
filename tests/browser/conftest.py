"""A real headless Chromium. Where there is none the tests are left out, and that is said; in CI they fail."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS, NO_CHROMIUM

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

if not CHROMIUM and "CI" not in os.environ:
    collect_ignore_glob = ["test_*.py"]


# For a module: its event loop, left running, would turn Prefect's calls in later tests into coroutines.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, address):
    """Opens the page at the module's `address`; nothing may go wrong in it, or be asked for outside it."""
    pages = []
    problems = []

    def opened(**options):
        page = chromium.new_page(**{"viewport": DESKTOP, **options})
        pages.append(page)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url) if request.url != address else None)
        page.goto(address)
        return page

    yield opened
    for page in pages:
        page.close()
    assert [problem for problem in problems if not problem.startswith("data:,")] == []


def assert_fits(page, viewport, scheme):
    """Nothing is wider than the screen, unfolded, and the colours are those of the scheme."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(252, 252, 250)", "dark": "rgb(21, 24, 27)"}[scheme]
