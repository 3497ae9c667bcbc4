"""Take the manual's pictures anew, in Chromium: the sample's report, and Prefect's list of runs."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.helpers.chromium import CHROMIUM, CHROMIUM_ARGUMENTS

DOCS = Path(__file__).parent
TWINFLOW = Path(sys.executable).with_name("twinflow")
WIDTH, REPORT_HEIGHT, RUNS_HEIGHT = 1280, 1000, 560  # pixels


def report(browser: Browser, folder: Path) -> None:
    """The first screen of the sample's report."""
    page = _page(browser, REPORT_HEIGHT)
    page.goto((folder / "runs/current/report.html").resolve().as_uri())
    page.screenshot(path=DOCS / "report.png")


def runs(browser: Browser, folder: Path) -> None:
    """Prefect's list of runs, with a training run and two checks."""
    served = [TWINFLOW, "up", "--home", folder / "home", "--port", "0", "--reports-port", "0"]
    with subprocess.Popen(served, cwd=folder, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        address = next(found[0] for line in up.stdout if (found := re.search(r"http://\S+", line)))
        password = (folder / "home/twinflow-password").read_text().strip()
        environment = {**os.environ, "PREFECT_HOME": str(folder / "home"), "PREFECT_API_URL": f"{address}/api"}
        for words in (("train", "--train", "data/train.csv", "--test", "data/test.csv"), *_checks()):
            subprocess.run([TWINFLOW, *words], cwd=folder, env=environment, check=False, capture_output=True)
        page = _page(browser, RUNS_HEIGHT)
        page.goto(f"{address}/sign-in#{password}")
        page.get_by_role("link", name="Runs", exact=True).click()
        page.get_by_text("Published").last.scroll_into_view_if_needed()  # the first run, and so the last of the list
        page.screenshot(path=DOCS / "schedules.png")
        up.terminate()


def _checks() -> list[tuple[str, ...]]:
    """A check of the test pairs, and one of a file that can't be read."""
    return [("monitor", "--pairs", file, "--model", "runs/current") for file in ("data/test.csv", "data/torn.csv")]


def _page(browser: Browser, height: int) -> Page:
    return browser.new_page(viewport={"width": WIDTH, "height": height})


def take() -> None:
    """Take both, in a folder of their own."""
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        subprocess.run([TWINFLOW, "example", "data"], cwd=folder, check=True)
        (folder / "data/torn.csv").write_text("v0,v1\n0.5\n")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        runs(browser, folder)
        report(browser, folder)


if __name__ == "__main__":
    take()
