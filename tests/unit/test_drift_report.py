"""The page of a check: its verdict in words, what it holds, that it stands alone."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from twinflow.columns import PairColumns
from twinflow.drift import check_drift
from twinflow.errors import ArtifactError
from twinflow.monitoring.estimate import BLIND, Reference, estimate
from twinflow.monitoring.performance import performance
from twinflow.pairs import Pairs
from twinflow.report import drift_markdown, render_drift
from twinflow.report.drift_sentences import headline, lead, worries

WIDTH = 20
PROMISED = {
    "accuracy": 0.9, "accuracy_interval": [0.88, 0.92], "precision": 0.9, "precision_interval": [0.87, 0.93],
    "recall": 0.9, "recall_interval": [0.86, 0.93],
}  # fmt: skip


def make_check(rows=400, shift=0.0, right=None, missing=(), name="new <b>.csv"):
    """The document of a check of generated pairs; `right`: share of the labelled calls that are right."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, rows)
    pairs = [
        Pairs(*(rng.normal(size=(n, WIDTH)).astype(np.float32) for _ in range(2)), None, pd.DataFrame(index=range(n)))
        for n in (500, rows)
    ]
    pairs[1].left[:, :3] += shift
    for column in missing:
        pairs[1].left[:, column] = np.nan
    scores = [2 * rng.normal(size=len(part)) for part in pairs]
    check = check_drift(*pairs, PairColumns(WIDTH), *scores, missing=[f"v{i}" for i in missing])
    truth = (rng.random(500) < 1 / (1 + np.exp(-scores[0]))).astype(np.int8)
    same = np.where(rng.random(rows) < (right or 1), label, 1 - label)
    figures = estimate(Reference(scores[0], truth, np.ones(500)), scores[1], scores[1] >= 0)
    edges = np.linspace(-3, 3, 41)
    spread = [np.histogram(part, edges)[0] / len(part) for part in scores]
    check |= {
        "time": "20260102T030405Z",
        "model": {"run": "20260101T000000Z-abcdef", "network_sha256": "ab" * 32},
        "file": {"path": f"data/{name}", "sha256": "cd" * 32, "bytes": 1, "rows": rows},
        "quality": {
            "rows": rows, "unscored_rows": 3, "missing_columns": [], "missing_cells": 3, "labelled_rows": 0,
            "unexpected_columns": [],
        },
        "decision": {
            "threshold": 0.0,
            "called_same": {"rows": rows, "expected": 0.5, "found": 0.52, "found_interval": [0.47, 0.57]},
            "estimate": {
                "figures": figures, "reason": None, "rows": rows, "weighted": False, "weighing": "all weigh the same",
                "told_apart": 0.5, "blind": BLIND,
            },
            "promised": PROMISED,
        },
        "performance": None if right is None else performance(label, same, PROMISED, []),
        "distributions": {
            "score": {"edges": edges.tolist(), "reference": spread[0].tolist(), "current": spread[1].tolist()}
        },
    }  # fmt: skip
    line = {"time": check["time"], "verdict": check["verdict"], "rows": rows, "drifted_columns": 0}
    check["history"] = [{**line, "called_same": share, "accuracy": None} for share in (0.5, None, 0.52)]
    return check


def write(check, folder):
    (folder / "drift.json").write_text(json.dumps(check, allow_nan=False))
    return folder


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Nothing has moved"),
        ({"shift": 1}, "It has drifted"),
        ({"rows": 30}, "Too few pairs to say"),
        ({"right": 0.5}, "It does worse than promised"),
        ({"right": 0.9}, "Nothing has moved"),
    ],
)
def test_verdict_comes_first(options, words, tmp_path):
    check = make_check(**options)
    assert headline(check) == words
    page = render_drift(write(check, tmp_path))
    assert re.search(r"<h2[^>]*>(.*?)</h2>", page)[1] == words
    assert drift_markdown(tmp_path).startswith(f"# {words}\n")


def test_lead_says_what_the_calls_are_worth():
    said = lead(make_check(right=0.9))
    assert said[1] == "52.0% of the pairs are called same (47.0% to 57.0%); 50.0% were expected."
    assert said[2].startswith("Judged by their probabilities, without a label, ")
    assert "the test report promised 90.0%" in said[2]
    assert said[3].startswith("By the 400 labels that came along, 89.5% are right")


def test_worries_name_what_fell_and_what_is_missing():
    said = worries(make_check(right=0.5, missing=[4, 7]))
    assert said[0].startswith("Accuracy has fallen: ")
    assert "2 columns not in the file: v4, v7." in said
    assert "3 pairs of 400 could not be scored: a cell is missing or no finite number." in said
    assert any(sentence.startswith("Estimated accuracy") for sentence in said)


def test_page_stands_alone_and_escapes(tmp_path):
    page = render_drift(write(make_check(shift=1, missing=[4]), tmp_path))
    assert len(page) < 300_000
    assert "new &lt;b&gt;.csv" in page
    assert "<b>" not in page
    assert not re.search(r'(?:src|href)="(?!#|data:|evidently\.html)', page)
    assert BLIND.replace("’", "'").split(":")[0] in page.replace("&#39;", "'")
    assert page.count('class="plot"') == 3  # strip, score, history
    assert "1 changed in kind" in page
    assert "undefined" not in page.split("<body>")[1].split('id="columns"')[0]
    assert len(drift_markdown(tmp_path)) < 300_000


def test_page_without_evidently_says_why(tmp_path):
    page = render_drift(write(make_check(), tmp_path), "evidently.html could not be written: it is missing")
    assert "evidently.html could not be written: it is missing" in page
    assert 'href="evidently.html"' not in page


def test_no_check_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match=r"drift\.json"):
        render_drift(tmp_path)
