"""The manual's site, built as `make docs` builds it: links lead somewhere, and nothing comes from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.helpers.manual import PAGES, ROOT, SPHINX, build_site

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}


class Loaded(HTMLParser):
    """What a page loads: the addresses of its scripts, styles, fonts and pictures."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(LOADED.get(tag, ""))
        self.addresses += [address] if address and address != "#" else []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("site"))


def test_make_builds_it_as_the_tests_do() -> None:
    assert f"{' '.join(SPHINX)} docs site" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_page_is_there(site: Path) -> None:
    expected = {page.relative_to(ROOT / "docs").with_suffix(".html") for page in PAGES}
    assert expected <= {page.relative_to(site) for page in site.rglob("*.html")}


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        for address in Loaded(page).addresses:
            parts = urlsplit(address)
            assert (parts.scheme, parts.netloc) == ("", ""), f"{page.name}: {address}"
            assert (page.parent / unquote(parts.path)).is_file(), f"{page.name}: {address}"
    for style in site.rglob("*.css"):
        for address in re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')\s;]+)", style.read_text(encoding="utf-8")):
            assert not urlsplit(address).netloc, f"{style.name}: {address}"
