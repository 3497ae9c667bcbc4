"""The page of a check: its verdict in words, what it holds, that it stands alone."""

import re

import numpy as np
import pytest

from tests.helpers.drift_check import make_bad_delivery, make_check, write
from twinflow.errors import ArtifactError
from twinflow.monitoring.estimate import BLIND
from twinflow.report.drift.page import drift_artifact, drift_page
from twinflow.report.drift.plots import history
from twinflow.report.drift.sentences import headline, lead, worries


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
    page = drift_page(write(check, tmp_path))
    assert re.search(r"<h2[^>]*>(.*?)</h2>", page)[1] == words
    assert drift_artifact(tmp_path).startswith(f"# {words}\n")


def test_lead_says_what_the_calls_are_worth():
    sentences = lead(make_check(right=0.9))
    assert sentences[1] == "52.0% of the pairs are called same (47.0% to 57.0%); 50.0% were expected."
    assert sentences[2].startswith("Judged by their probabilities, without a label, ")
    assert "the test report promised 90.0%" in sentences[2]
    assert sentences[3].startswith("By the 400 labels that came along, 89.5% are right")


def test_worries_name_what_fell_and_what_is_missing():
    check = make_check(right=0.5, missing=[4, 7])
    check["quality"]["odd_labels"] = 2
    sentences = worries(check)
    assert "2 labels neither 0 nor 1 were left aside." in sentences
    assert sentences[0].startswith("Accuracy has fallen: ")
    assert "2 columns not in the file: v4, v7." in sentences
    assert "3 pairs of 400 could not be scored: a cell is missing or no finite number." in sentences
    assert any(sentence.startswith("Estimated accuracy") for sentence in sentences)


def test_page_stands_alone_and_escapes(tmp_path):
    page = drift_page(write(make_check(shift=1, missing=[4]), tmp_path))
    assert len(page) < 300_000
    assert "new &lt;b&gt;.csv" in page
    assert "<b>" not in page
    assert not re.search(r'(?:src|href)="(?!#|data:|evidently\.html)', page)
    assert BLIND in page
    assert page.count("the threshold</span>") == 1
    assert page.count('class="plot"') == 3  # strip, score, history
    assert "1 changed in kind" in page
    assert "undefined" not in page.split("<body>")[1].split('id="columns"')[0]
    assert len(drift_artifact(tmp_path)) < 300_000


def test_page_without_evidently_says_why(tmp_path):
    page = drift_page(write(make_check(), tmp_path), "evidently.html could not be written: it is missing")
    assert "evidently.html could not be written: it is missing" in page
    assert 'href="evidently.html"' not in page


def test_a_delivery_that_cannot_be_read_has_a_page_of_its_own(tmp_path):
    page = drift_page(write(make_bad_delivery(), tmp_path))
    assert re.search(r"<h2[^>]*>(.*?)</h2>", page)[1] == "The delivery can’t be read"
    assert "30 problems in data/new &lt;b&gt;.csv, so nothing was scored" in page
    assert "398 &lt;b&gt; fields" in page
    assert "<b>" not in page
    assert "And 10 more problems" in page
    assert page.count('class="plot"') == 1
    assert "drift was found in 0 of them; 1 could not be read" in page
    assert "bad delivery" in page
    short = drift_artifact(tmp_path)
    assert short.startswith("# The delivery can’t be read\n")
    assert "| 21 | – | 401 fields | 398 \\<b\\> fields |" in short


def test_moved_embeddings_are_drawn_beside_the_columns_and_not_instead(tmp_path):
    check = make_check()
    check["distributions"] |= {f"left component {i}": check["distributions"]["score"] for i in range(8)}
    check["distributions"] |= {f"v{i}": check["distributions"]["score"] for i in range(10)}
    check["embeddings"] = {"effect": 0.3, "p_value": 0.001, "drifted": True}
    titles = re.findall(r"<h3>(.*?)</h3>", drift_page(write(check, tmp_path)))
    drawn = [name for name in titles if "component" in name or name[0] == "v"]
    assert drawn == [f"v{i}" for i in range(7)] + [f"left component {i}" for i in range(4)]


def test_history_has_a_gap_where_nothing_was_called():
    check = make_check()
    assert np.isnan(history(check).axes.lines[1].get_ydata()).tolist() == [False, True, False]
    check["history"] = check["history"][1:]
    assert history(check) is None


@pytest.mark.parametrize(("shares", "top"), [((0.5, 0.51), 0.6325), ((0.01, 0.012), 0.1), ((0.97, 0.99), 1.02)])
def test_the_history_does_not_magnify_chance(shares, top):
    """Its axis begins at zero, and intervals stand on it."""
    check = make_check()
    ends = [[share - 0.008, min(1, share + 0.04)] if share > 0.1 else [0.005, 0.02] for share in shares]
    check["history"] = [
        {**check["history"][0], "called_same": share, "called_same_interval": each}
        for share, each in zip(shares, ends, strict=True)
    ]
    check["decision"]["called_same"]["expected"] = shares[0]
    plot = history(check)
    assert plot.axes.get_ylim() == pytest.approx((0, top), abs=1e-3)
    (whiskers,) = (each for each in plot.axes.collections if len(each.get_segments()) == 2)
    assert [segment[:, 1].tolist() for segment in whiskers.get_segments()] == ends
    (said,) = plot.readings
    assert said.texts[1].endswith(f"{shares[1]:.1%} ({ends[1][0]:.1%} to {ends[1][1]:.1%}) called same")


def test_a_history_of_former_versions_has_no_intervals(tmp_path):
    check = make_check()
    for line in check["history"]:
        del line["called_same_interval"], line["accuracy_interval"]
    assert "52.0%" in drift_page(write(check, tmp_path))


def test_no_check_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match=r"drift\.json"):
        drift_page(tmp_path)
