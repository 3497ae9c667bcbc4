"""The report's page and markdown, and the plots, curves and thresholds in them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
from sklearn import metrics as sk

from tests.helpers.html_page import Page
from tests.helpers.report_run import make_run
from twinflow.calibration.cut import best_cut
from twinflow.errors import ArtifactError
from twinflow.report.run.artifact import run_artifact
from twinflow.report.run.explorer import CORNERS, CUTS, Corners, Explorer, measures
from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.run.page import run_page
from twinflow.report.run.reliability_plot import Reliability
from twinflow.report.run.run_files import read_run
from twinflow.report.shared.palette import DARK, LIGHT
from twinflow.settings import Settings
from twinflow.statistics.resampling import wilson
from twinflow.statistics.threshold_curve import ThresholdCurve
from twinflow.system.json_files import read_json

SECTIONS = ["verdict", "figures", "threshold", "curves", "errors", "labels", "map", "training", "drift", "audit", "run"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="module")
def html(run):
    return run_page(run)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    """A run with everything to worry about, and hostile names."""
    ids = {"<script>alert(1)</script>": ["<img src=x onerror=alert(2)>", "Müller & Söhne"], "a|b": ["`x`"]}
    return make_run(tmp_path_factory.mktemp("hard"), ids=ids, shift=1.5, duplicates=14, gap=0.3)


def figures(run):
    return json.loads((run / "metrics.json").read_text())


def test_the_page_stands_alone(html, page):
    assert len(html) < 3e6
    assert "http" not in html
    assert "@import" not in html
    assert [t for t, a in page.tags if t in ("img", "iframe") or "src" in a] == []


def test_every_section_and_heading_is_in_order(page):
    assert [a["id"] for t, a in page.tags if t == "section"] == SECTIONS
    assert page.headings.count(1) == 1
    assert page.headings[0] == 1
    assert max(np.diff(page.headings)) == 1


def test_ids_are_unique_and_every_reference_is_met(page):
    assert len(page.ids) == len(set(page.ids))
    assert page.references <= set(page.ids)


def test_every_plot_is_described_and_takes_the_pages_colours(html, page):
    plots = [a for t, a in page.tags if t == "svg"]
    assert len(plots) == 14
    assert all(a["role"] == "img" and len(str(a["aria-label"])) > 20 for a in plots)
    drawn = "".join(re.findall(r"<svg.*?</svg>", html, re.S))
    assert re.findall(r"#[0-9a-f]{6}\b", drawn) == []
    assert "font-family" not in drawn


def test_the_figures_stand_in_the_page(run, page):
    found = figures(run)
    for block in ("test", "cosine", "validation"):
        for name in ("auc", "accuracy", "precision", "recall", "f1", "brier"):
            assert f"{found[block][name]:.3f}" in page.text
    low, high = found["test"]["auc_interval"]
    assert f"{low:.3f} to {high:.3f}" in page.text


def test_the_command_trains_it_again_from_where_it_was_trained(run, monkeypatch):
    inputs = read_json(run / "inputs.json")
    files = ["--train", inputs["train"]["path"], "--test", inputs["test"]["path"]]
    assert shlex.split(read_run(run).command) == ["twinflow", "train", *files, "--config", f"{run}/settings.yaml"]
    monkeypatch.chdir(run.parent.parent)
    assert shlex.split(read_run(run).command)[-1] == f"{run.parent.name}/{run.name}/settings.yaml"


def test_names_and_ids_are_text(hard):
    html = run_page(hard)
    page = Page(html)
    assert [t for t, _ in page.tags].count("script") == 3
    assert "img" not in [t for t, _ in page.tags]
    assert "<script>alert(1)</script>" in page.text
    assert "<img src=x onerror=alert(2)>" in page.text


def test_one_class_is_said_to_be_undefined(tmp_path):
    run = make_run(tmp_path, train_rows=400, one_class=True, test_rows=120)
    page = Page(run_page(run))
    assert "AUC is undefined (model; cosine): the pairs are all of one class." in page.text
    assert "nan" not in page.text.lower().split()
    assert "undefined" in run_artifact(run)


def test_a_fallback_to_cosine_without_a_history_is_reported(tmp_path):
    run = make_run(tmp_path, train_rows=400, test_rows=200, fallback="no member beat cosine on its validation rows")
    record = json.loads((run / "record.json").read_text())
    (run / "record.json").write_text(json.dumps({**record, "kept_epochs": [], "parameters": 0}))
    (run / "history.csv").write_text("epoch,member,loss,val_loss,accuracy,val_accuracy\n")
    text = Page(run_page(run)).text
    assert "It can’t be trusted" in text or "Use it with care" in text
    assert "because no member beat cosine on its validation rows" in text
    assert "No epoch of training was kept" in text
    assert run_artifact(run).startswith("# demo: ")


def test_equal_scores_can_be_drawn(tmp_path):
    import pandas as pd

    run = make_run(tmp_path, train_rows=400, test_rows=200)
    for part in ("validation", "test"):
        path = run / f"{part}_scores.parquet"
        pd.read_parquet(path).assign(score=np.float32(0.25)).to_parquet(path)
    assert "1 distinct score;" in Page(run_page(run)).text


def test_markdown_is_small_and_says_the_same(run, html):
    text = run_artifact(run)
    assert len(text) < 300_000
    assert text.count("](data:image/png;base64,iVBOR") == 3
    assert f"{figures(run)['test']['auc']:.3f} (" in text
    verdict = re.search(r'<div class="lead">(.*?)</div>', html, re.S)[1]
    for sentence in re.findall(r"<p>(.*?)</p>", verdict, re.S):
        assert sentence in text


def test_a_missing_file_is_named(run, tmp_path):
    with pytest.raises(ArtifactError, match=r"settings\.yaml: expected a file of a finished run"):
        run_page(tmp_path)


def test_nothing_heavy_is_imported_before_it_is_used():
    code = "import sys, tasks.shared.publish; print({'matplotlib', 'jinja2', 'sklearn'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_contrast(palette):
    """WCAG 2 AA: 4.5 to 1 for text, 3 to 1 for what is drawn."""

    def luminance(colour):
        channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    def contrast(one, other):
        low, high = sorted((luminance(palette[one]), luminance(palette[other])))
        return (high + 0.05) / (low + 0.05)

    for text in ("ink", "muted", "blue", "rust", "green", "amber", "red"):
        assert contrast(text, "paper") >= 4.5
        assert contrast(text, "panel") >= 4.5
    assert contrast("grey", "paper") >= 3


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(3)
    label = (rng.random(300) < 0.4).astype(np.int8)
    return LabelledScores(label, np.round(label + rng.normal(size=300), 1))


def test_counts_are_those_of_the_rule(scored):
    thresholds = [-9.0, -0.5, 0.0, 0.05, scored.score.max(), 9.0]
    counts = np.array(scored.at(thresholds)).T
    for threshold, (tp, fp, fn, tn) in zip(thresholds, counts, strict=True):
        assert [tn, fp, fn, tp] == sk.confusion_matrix(scored.label, scored.score >= threshold).ravel().tolist()


def test_the_bands_hold_the_curve(scored):
    low, high = scored.recall_band(np.linspace(0, 1, 21))
    far, recall, _ = sk.roc_curve(scored.label, scored.score)
    middle = np.interp(np.linspace(0, 1, 21), far, recall)
    assert (low <= middle + 0.03).all()
    assert (middle <= high + 0.03).all()
    assert 0.05 < (high - low)[5] < 0.3


def test_wilson_agrees_with_a_worked_example():
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    low, high = wilson(np.array([81, 0]), np.array([263, 20]))
    assert low == pytest.approx([0.2553, 0], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1611], abs=5e-5)


def test_reliability_counts_every_pair():
    label = np.array([0, 1, 1, 0, 1], np.int8)
    bins = Reliability.of(label, np.array([0.0, 0.04, 0.95, 1.0, 0.5]))
    assert bins.count.tolist() == [2, 1, 2]
    assert bins.same.tolist() == [1, 1, 1]
    assert bins.probability == pytest.approx([0.02, 0.5, 0.975])


def test_the_explorers_measures_are_scikit_learns(scored):
    called = scored.score >= 0.3
    found = measures(scored.at(0.3))
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(scored.label, called))
    assert found["precision"] == pytest.approx(sk.precision_score(scored.label, called))
    assert found["recall"] == pytest.approx(sk.recall_score(scored.label, called))
    assert found["f1"] == pytest.approx(sk.f1_score(scored.label, called))
    assert found["false_accepts"] == pytest.approx(called[scored.label == 0].mean())
    assert found["called_same"] == pytest.approx(called.mean())
    assert measures(scored.at(99.0))["precision"] is None


def test_the_explorer_holds_the_chosen_threshold(html, run):
    data = json.loads(re.search(r'<script type="application/json" id="cuts">(.*?)</script>', html)[1])
    found = figures(run)
    assert len(data["cuts"]) <= CUTS + len(data["corners"])
    assert len(data["corners"]) == len(data["gaps"]) <= 2 * CORNERS
    assert data["cuts"] == sorted(data["cuts"])
    assert data["cuts"][data["chosen"]] == found["test"]["threshold"]
    for name in ("validation", "test"):
        counts, at = data["sets"][name], data["chosen"]
        tp, fp = counts["tp"][at], counts["fp"][at]
        assert found[name]["confusion"] == {
            "tp": tp,
            "fp": fp,
            "fn": counts["same"] - tp,
            "tn": counts["different"] - fp,
        }


@pytest.mark.parametrize("prices", [(1.0, 1.0), (1.0, 7.0), (2.5, 1.0), (40.0, 1.0)])
def test_what_is_cheapest_stands_among_the_corners(prices):
    """However many corners there are, and where several thresholds cost the same."""
    draw = np.random.default_rng(0)
    label = draw.integers(0, 2, 20_000)
    scored = LabelledScores(label.astype(np.int8), draw.normal(size=20_000) + 0.3 * label)
    corners, cuts = Corners.of(scored), ThresholdCurve.of(scored.score, scored.label)
    changed = Settings(objective="cost", cost_false_same=prices[0], cost_missed=prices[1])
    assert CORNERS <= len(corners.threshold) <= 2 * CORNERS
    assert cuts.thresholds[best_cut(cuts, changed)] in corners.threshold


def test_a_corner_is_a_threshold_that_no_other_beats():
    scored = LabelledScores(np.array([0, 1, 0, 1, 1, 0, 1], dtype=np.int8), np.arange(7.0))
    found = scored.at(Corners.of(scored).threshold)
    assert [*zip(found.tp.tolist(), found.fp.tolist(), strict=True)] == [(4, 2), (3, 1), (1, 0)]


def test_the_table_of_thresholds_marks_the_chosen_one(scored):
    explorer = Explorer.of({"validation": scored}, 0.123)
    table = explorer.table()
    assert 11 <= len(table) <= 12
    assert [line["cut"] for line in table if line["chosen"]] == [0.123]
    assert table[0]["sets"]["validation"]["recall"] == 1.0
