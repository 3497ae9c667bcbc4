"""The manual's site as it is read: opened from its folder, without any server, on a screen and on a phone."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.helpers.manual import PAGES, ROOT, build_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("site"))


def test_search_finds_a_setting_without_a_server(chromium: Browser, site: Path) -> None:
    page = chromium.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(urlsplit(request.url).scheme))
    page.on("console", lambda message: said.append(message.text))
    page.goto((site / "index.html").as_uri())
    page.locator("input[name=q]").fill("minimum_auc")
    page.locator("input[name=q]").press("Enter")
    page.locator("#search-results a", has_text="Settings").first.wait_for()
    assert set(asked) == {"file"}
    assert said == []
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(chromium: Browser, site: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 844})
    for source in PAGES:
        page.goto((site / source.relative_to(ROOT / "docs").with_suffix(".html")).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, source.name
    page.close()
