"""The threshold explorer of a real run: prices, the share of same pairs, and lines for the command line that do it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

import twinflow
from tests.helpers.small_runs import WIDTH, pairs
from twinflow.calibration.cut import best_cut
from twinflow.calibration.recalibration import recalibrated_settings
from twinflow.report.run.run_files import read_run
from twinflow.settings import make_settings, read_overrides
from twinflow.statistics.threshold_curve import ThresholdCurve
from twinflow.system.json_files import read_json

PROGRAM = str(Path(sys.executable).with_name("twinflow"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("the runs")  # a blank, so that the line has to quote it
    given = {"head": "cosine", "folds": 2, "resamples": 100, "side_width": WIDTH}
    return Path(twinflow.train(pairs(400, 0), pairs(300, 1), runs=runs, **given).run)


@pytest.fixture(scope="module")
def address(run: Path) -> str:
    return (run / "report.html").as_uri()


@pytest.fixture
def page(open_page) -> Page:
    opened: Page = open_page()
    return opened


def data(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.evaluate("document.getElementById('cuts').textContent"))
    return found


def place(page: Page) -> int:
    return int(page.locator("#cut-range").input_value())


def move_to(page: Page, to: int) -> None:
    page.locator("#cut-range").evaluate(
        "(range, to) => { range.value = to; range.dispatchEvent(new Event('input')); }", to
    )


def rates(page: Page, name: str) -> tuple[float, float]:
    """Recall and false accept rate of a set at the cut that is shown."""
    found = data(page)
    one, at = found["sets"][name], place(page)
    return one["tp"][at] / one["same"], one["fp"][at] / one["different"]


def shown(page: Page, name: str, measure: str) -> float:
    cell = page.locator(f'[data-measures="{name}"] [data-measure="{measure}"]')
    return float(str(cell.evaluate("c => c.firstChild.data")))


def cost(page: Page, name: str) -> float:
    return float(str(page.locator(f'[data-cost="{name}"]').evaluate("c => c.firstChild.data")))


def chosen_by(line: str, run: Path) -> float:
    """The threshold that calibration chooses with the settings of a printed line."""
    words = shlex.split(line)
    assert words[:4] == ["twinflow", "calibrate", "--model", str(run)]
    assert set(words[4::2]) == {"--set"}
    found = read_run(run)
    scored = found.scored("validation")
    cuts = ThresholdCurve.of(scored.score, scored.label)
    changed = recalibrated_settings(make_settings(found.settings), read_overrides(words[5::2]))
    return float(cuts.thresholds[best_cut(cuts, changed)])


@pytest.mark.parametrize(("typed", "told"), [("-1", "−1"), ("0", "0"), ("", "none")])
@pytest.mark.parametrize("field", ["false", "missed"])
def test_a_price_that_is_none_is_refused_and_the_last_one_counts(page: Page, field: str, typed: str, told: str) -> None:
    price = page.locator(f"#price-{field}")
    price.fill("3")
    before = cost(page, "test")
    price.fill(typed)
    assert page.locator("#refused").inner_text() == f"Expected a price above 0, found {told}: 3 still counts."
    assert page.locator("#refused").is_visible()
    assert price.get_attribute("aria-invalid") == "true"
    assert cost(page, "test") == before
    page.keyboard.press("Tab")
    assert (price.input_value(), price.get_attribute("aria-invalid")) == ("3", "false")
    price.fill("4")
    assert page.locator("#refused").is_hidden()
    assert cost(page, "test") != before


@pytest.mark.parametrize("typed", ["-5", "0", "100", "120", ""])
def test_a_share_that_is_none_is_refused(page: Page, typed: str) -> None:
    field = page.locator("#share-value")
    field.fill("20")
    before = shown(page, "test", "precision")
    field.fill(typed)
    assert "Expected a share between 0 and 100%, found" in page.locator("#refused").inner_text()
    assert shown(page, "test", "precision") == before
    field.press("Tab")
    assert field.input_value() == "20"


def test_the_share_starts_at_the_test_files_and_weighs_what_depends_on_it(page: Page, run: Path) -> None:
    metrics = read_json(run / "metrics.json")
    assert float(page.locator("#share-value").input_value()) == pytest.approx(100 * metrics["same"] / metrics["rows"])
    before = {name: shown(page, name, "accuracy") for name in ("validation", "test")}
    page.locator("#share-range").focus()
    for _ in range(200):
        page.keyboard.press("ArrowLeft")
    share = float(page.locator("#share-value").input_value()) / 100
    assert share == pytest.approx(1 / (1 + np.exp(2)), rel=0.02)
    page.locator("#price-missed").fill("5")
    for name in ("validation", "test"):
        recall, far = rates(page, name)
        called = share * recall + (1 - share) * far
        for measure, value in {
            "accuracy": share * recall + (1 - share) * (1 - far),
            "precision": share * recall / called,
            "recall": recall,
            "false_accepts": far,
            "called_same": called,
            "f1": 2 * share * recall / (called + share),
        }.items():
            assert shown(page, name, measure) == pytest.approx(value, abs=6e-4), measure
        assert cost(page, name) == pytest.approx((1 - share) * far + 5 * share * (1 - recall), abs=6e-4)
    page.get_by_role("button", name="As in the files").click()
    assert {name: shown(page, name, "accuracy") for name in before} == before


@pytest.mark.parametrize(("prices", "share"), [((1, 7), None), ((9.5, 0.25), None), ((1, 1), "4"), ((3, 40), "0.7")])
def test_the_cheapest_is_used_at_a_click_and_its_line_chooses_it(
    page: Page, run: Path, prices: tuple[float, float], share: str | None
) -> None:
    for name, price in zip(("false", "missed"), prices, strict=True):
        page.locator(f"#price-{name}").fill(str(price))
    if share:
        page.locator("#share-value").fill(share)
    page.get_by_role("button", name="Use the cheapest").click()
    assert page.locator("#use-cheapest").is_disabled()
    at = data(page)["cuts"][place(page)]
    assert at != data(page)["cuts"][data(page)["chosen"]]
    line = page.locator("#line code").inner_text()
    assert "objective=cost" in line
    assert ("prior=" in line) == bool(share)
    assert chosen_by(line, run) == at


def test_at_each_cut_stands_a_line_that_chooses_it_or_the_better_one_that_is_named(page: Page, run: Path) -> None:
    found = data(page)
    validation, same = found["sets"]["validation"], 0
    for at in range(0, len(found["cuts"]), 7):
        move_to(page, at)
        told, line = page.locator("#line span").inner_text(), page.locator("#line code")
        if at == found["chosen"] or line.is_hidden():
            assert at == found["chosen"] or validation["tp"][at] == 0 or validation["fp"][at] == 0
            continue
        taken = found["cuts"].index(chosen_by(line.inner_text(), run))
        assert validation["fp"][taken] <= validation["fp"][at]
        assert validation["tp"][taken] >= validation["tp"][at]
        if told == "This line makes it the threshold:":
            assert taken == at
            same += 1
        else:
            assert f"{found['cuts'][taken]:#.4g}".rstrip(".").replace("-", "−") in told
    assert same > 5


def test_the_line_runs(page: Page, run: Path) -> None:
    page.locator("#price-missed").fill("6")
    page.locator("#share-value").fill("30")
    page.get_by_role("button", name="Use the cheapest").click()
    words = shlex.split(page.locator("#line code").inner_text())
    command = [PROGRAM, *words[1:], "--no-server", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode in (0, 3), ended.stderr  # 3: the gate turned it away
    calibrated = read_json(Path(json.loads(ended.stdout)["run"]) / "calibration.json")
    assert calibrated["threshold"] == data(page)["cuts"][place(page)]
    assert calibrated["prior"] == 0.3


def test_the_line_is_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    move_to(page, data(page)["corners"][3])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#line code").inner_text()
