"""The report in a browser: what it loads, how it fits, and its threshold explorer."""

from __future__ import annotations

import json

import pytest

from tests.helpers.pages import DESKTOP, PHONE, assert_fits
from tests.helpers.report_run import make_run
from twinflow.report.run.page import run_page
from twinflow.report.run.run_files import read_run
from twinflow.report.run.trust_words import HEADLINES


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    ids = {"left_name": ["<b>Müller</b>", "a name that goes on and on and on and on, far beyond the width of a phone"]}
    return make_run(tmp_path_factory.mktemp("runs"), ids=ids, duplicates=3, shift=1.0)


@pytest.fixture(scope="module")
def metrics(run):
    return json.loads((run / "metrics.json").read_text())


@pytest.fixture(scope="module")
def address(run):
    path = run / "report.html"
    path.write_text(run_page(run), encoding="utf-8")
    return path.as_uri()


def shown(page, name):
    """The confusion matrix and the measures that the page shows of a set."""
    counts = {
        key: int(page.locator(f'[data-confusion="{name}"] [data-count="{key}"]').inner_text().replace(",", ""))
        for key in ("tp", "fp", "fn", "tn")
    }
    cells = page.locator(f'[data-measures="{name}"] [data-measure]')
    measures = {cell.get_attribute("data-measure"): cell.evaluate("c => c.firstChild.data") for cell in cells.all()}
    return counts, measures


def assert_chosen(page, metrics):
    for name in ("validation", "test"):
        counts, measures = shown(page, name)
        found = metrics[name]
        assert counts == found["confusion"]
        for key in ("accuracy", "precision", "recall", "f1"):
            assert measures[key] == f"{found[key]:.3f}"
        different = counts["fp"] + counts["tn"]
        assert measures["false_accepts"] == f"{counts['fp'] / different:.3f}"
        assert measures["called_same"] == f"{(counts['tp'] + counts['fp']) / sum(counts.values()):.3f}"


def test_nothing_is_loaded_and_nothing_goes_wrong(open_page, run):
    page = open_page()
    assert page.title() == f"demo: {HEADLINES[read_run(run).trust['verdict']]}"
    assert page.locator("svg.plot").count() == 14


def test_the_explorer_starts_at_the_chosen_threshold(open_page, metrics):
    page = open_page()
    assert page.locator("#cut-range").is_visible()
    band, mark = (page.locator(f".chosen-{part}").bounding_box() for part in ("interval", "mark"))
    assert band["x"] < mark["x"] + 1 < band["x"] + band["width"]
    assert float(page.locator("#cut-value").input_value()) == pytest.approx(metrics["test"]["threshold"], rel=1e-3)
    assert_chosen(page, metrics)


def test_the_keyboard_moves_the_threshold_and_the_button_brings_it_back(open_page, metrics):
    page = open_page()
    page.locator("#cut-range").focus()
    before = shown(page, "test")[0]
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    counts, measures = shown(page, "test")
    assert counts["tp"] + counts["fp"] < before["tp"] + before["fp"]
    assert measures["accuracy"] == f"{(counts['tp'] + counts['tn']) / sum(counts.values()):.3f}"
    assert "above the chosen" in page.locator("#cut-summary").inner_text()
    assert page.locator(".live i.at").first.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert_chosen(page, metrics)
    assert page.locator(".live i.at").first.is_hidden()


@pytest.mark.parametrize(("key", "calls"), [("Home", "same"), ("End", "different")])
def test_the_ends_call_nearly_all_alike(open_page, key, calls):
    page = open_page()
    page.locator("#cut-range").press(key)
    counts = shown(page, "validation")[0]
    called_same = counts["tp"] + counts["fp"]
    assert called_same == sum(counts.values()) if calls == "same" else called_same <= 1


def test_a_typed_threshold_takes_the_nearest_cut(open_page, run, metrics):
    import pandas as pd

    page = open_page()
    page.locator("#cut-value").fill("0.5")
    page.locator("#cut-value").press("Enter")
    taken = float(
        page.evaluate(
            "JSON.parse(document.getElementById('cuts').textContent).cuts[document.getElementById('cut-range').value]"
        )
    )
    assert taken == pytest.approx(0.5, abs=0.05)
    scores = pd.read_parquet(run / "test_scores.parquet")
    called = scores["score"].astype(float) >= taken
    assert shown(page, "test")[0]["tp"] == int((called & (scores["label"] == 1)).sum())


def test_prices_move_the_cost_and_name_the_cheapest_threshold(open_page, run, metrics):
    page = open_page()
    found = metrics["test"]["confusion"]
    cost = page.locator('[data-cost="test"]')
    assert cost.evaluate("c => c.firstChild.data") == f"{(found['fp'] + found['fn']) / metrics['rows']:.3f}"
    before = page.locator("#cheapest").inner_text()
    page.locator("#price-false").fill("20")
    assert cost.evaluate("c => c.firstChild.data") == f"{(20 * found['fp'] + found['fn']) / metrics['rows']:.3f}"
    assert page.locator("#cheapest").inner_text() != before
    data = json.loads(page.evaluate("document.getElementById('cuts').textContent"))
    validation = data["sets"]["validation"]
    costs = [20 * fp + validation["same"] - tp for tp, fp in zip(validation["tp"], validation["fp"], strict=True)]
    rows = validation["same"] + validation["different"]
    assert f"at {min(costs) / rows:.3f} a pair" in page.locator("#cheapest").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_fits_the_screen(open_page, viewport, scheme):
    assert_fits(open_page(viewport=viewport, color_scheme=scheme), viewport, scheme)


def test_without_a_script_there_is_a_table(open_page, metrics):
    page = open_page(java_script_enabled=False)
    assert page.locator("#cut-range").is_hidden()
    rows = page.locator("#cut-table tbody tr")
    assert 11 <= rows.count() <= 12
    assert rows.first.is_visible()
    chosen = page.locator("#cut-table tr.chosen td").first.inner_text().split()
    assert chosen == [f"{metrics['test']['accuracy']:.3f}", f"{metrics['validation']['accuracy']:.3f}"]


def test_paper_is_light_and_has_no_controls(open_page):
    page = open_page(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(252, 252, 250)"
    assert page.locator("#cut-range").is_hidden()
