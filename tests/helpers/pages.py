"""What every page is held to, on every screen."""

from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}


def assert_fits(page: Page, viewport: ViewportSize, scheme: str) -> None:
    """Nothing is wider than the screen, unfolded, and the colours are those of the scheme."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(252, 252, 250)", "dark": "rgb(21, 24, 27)"}[scheme]
