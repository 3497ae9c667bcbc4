"""What the tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import prefect.main  # noqa: F401 (before TensorFlow: its logging set-up closes what absl's handler writes to)
import pytest
from playwright.sync_api import Browser, sync_playwright

from flows.commands.main import main
from tests.helpers.chromium import CHROMIUM, CHROMIUM_ARGUMENTS, NO_CHROMIUM
from tests.helpers.without_evidently import write_stub
from twinflow.examples.sample import write_sample


def pytest_configure() -> None:
    """Tables are as wide as the tests say, not as the terminal that they were started in."""
    os.environ.pop("COLUMNS", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The flows' tests, which take the longest, begin first."""
    flows = Path(__file__).parent / "flows"
    items.sort(key=lambda item: item.path.parent != flows)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not CHROMIUM:
        terminalreporter.write_line(f"The reports were not tested in a browser: {NO_CHROMIUM}.", yellow=True)


# For a module: its event loop, left running, would turn Prefect's calls in later tests into coroutines.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bundled sample's `train.csv` and `test.csv`; not to be written to."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


@pytest.fixture
def without_evidently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For child processes evidently is not installed; that spares its import where its page is not looked at."""
    monkeypatch.setenv("PYTHONPATH", write_stub(tmp_path))


@pytest.fixture
def twinflow(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command line in this process: its exit code, stdout and stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setenv("PYTHONSAFEPATH", "")  # else later tests' processes would not find the tests' helpers
        monkeypatch.setattr(sys, "argv", ["twinflow", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run
