"""A real headless Chromium. Where there is none the tests are left out, and that is said; in CI they fail."""

from __future__ import annotations

import os

import pytest

from tests.helpers.chromium import CHROMIUM
from tests.helpers.pages import DESKTOP

if not CHROMIUM and "CI" not in os.environ:
    collect_ignore_glob = ["test_*.py"]


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
