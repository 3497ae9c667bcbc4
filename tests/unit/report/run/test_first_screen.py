"""The report's first screen: whether one may rely on the model, why, and what to know before."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_recall_curve

from tests.helpers.html_page import Page
from tests.helpers.report_run import make_run
from twinflow.report.run.other_thresholds import other_thresholds
from twinflow.report.run.page import run_page
from twinflow.report.run.run_files import read_run
from twinflow.system.json_files import read_json


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
    """A run with everything to know about it."""
    return make_run(tmp_path_factory.mktemp("hard"), shift=1.5, duplicates=14, gap=0.3)


def test_the_verdict_comes_first_with_its_reason_in_words_and_colour(hard, html, page):
    for text, found, colour in ((html, "It can be trusted", "good"), (run_page(hard), "It can’t be trusted", "bad")):
        (first,) = re.findall(r'<section id="verdict" class="(\w+)"', text)
        assert first == colour
        assert re.search(r"<h2[^>]*>(.*?)</h2>", text)[1] == found
    beginning = re.search(r'<p class="why">(.*?)</p>', run_page(hard))[1]
    assert beginning.startswith("14 of 662 test pairs (2.1%) stand in the training file too")


def test_what_to_know_is_ranked_and_has_cause_effect_and_command(hard):
    text = Page(run_page(hard)).text
    known = text[text.index("What to know before relying on it") : text.index("More figures")]
    at = [
        known.index(word) for word in ("Can't be trusted: leaked pairs.", "Use with care: drift", "Good to know: over")
    ]
    assert at == sorted(at)
    assert "The figures show what was learnt by heart" in known
    assert "twinflow train --train data/train.csv --test NEW_PAIRS" in known


def test_a_run_without_findings_says_so(page):
    assert "What to know before relying on it" not in page.text
    assert "found nothing that speaks against" in page.text


def test_accuracy_has_its_base_rate_and_the_threshold_its_score_beside_it(run, page):
    found = read_json(run / "metrics.json")
    assert f"{max(found['same'], found['different']) / found['rows']:.3f} by the larger class alone" in page.text
    probability = read_run(run).threshold_probability
    assert f"{probability:.1%}a score of " in page.text.replace("\n", "").replace(" " * 4, "")
    assert f"upward, a probability of {probability:.1%}: the cut with" in page.text


def test_a_run_of_version_0_1_0_gets_its_verdict_when_it_is_read(run, tmp_path):
    old = shutil.copytree(run, tmp_path / run.name)
    (old / "gate.json").write_text(json.dumps({k: v for k, v in read_json(run / "gate.json").items() if k != "trust"}))
    assert read_run(old).trust == {**read_run(run).trust}


def test_the_thresholds_of_other_objectives_stand_beside_the_one_at_work(tmp_path):
    run = make_run(tmp_path, train_rows=600, test_rows=300)
    found = other_thresholds(read_run(run))
    at_work, f1, cost = found
    test = read_json(run / "metrics.json")["test"]
    assert (at_work.threshold, at_work.command) == (test["threshold"], None)
    assert (at_work.accuracy, at_work.recall) == (test["accuracy"], test["recall"])
    assert f1.name == "the best F1"
    assert f1.command == f"twinflow calibrate --model {read_run(run).folder} --set objective=f1"
    validation = pd.read_parquet(run / "validation_scores.parquet")
    label, score = validation["label"], validation["score"]
    precision, recall, _ = precision_recall_curve(label, score)
    best = (2 * precision * recall / (precision + recall)).max()
    assert f1_score(label, score >= f1.threshold) == pytest.approx(best)
    share = label.mean()
    price = round(max(share, 1 - share) / min(share, 1 - share), 1)
    assert cost.name.endswith(f"costing {price:g} times the other error")
    dear, cheap = ("cost_missed", "cost_false_same") if share < 0.5 else ("cost_false_same", "cost_missed")
    assert set(cost.command.split(" --set ")[1:]) == {"objective=cost", f"{dear}={price}", f"{cheap}=1.0"}
    page = Page(run_page(run)).text
    assert all(each.command is None or each.command in page for each in found)


def test_a_cost_is_not_named_where_both_classes_are_as_frequent(run, tmp_path):
    even = Path(shutil.copytree(run, tmp_path / run.name))
    validation = pd.read_parquet(even / "validation_scores.parquet")
    validation["label"] = np.arange(len(validation), dtype="int8") % 2
    validation.to_parquet(even / "validation_scores.parquet")
    assert [each.name for each in other_thresholds(read_run(even))] == ["the one at work", "the best F1"]
