"""The page of a comparison in a browser: what it shows first, what it says, how it fits."""

from __future__ import annotations

import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest

from tests.helpers.made_systems import SETTINGS, TRUTH, made
from tests.helpers.pages import DESKTOP, PHONE, assert_fits
from twinflow.evaluation.comparison.answers import answers, headline, recommendation
from twinflow.evaluation.comparison.compare import compare
from twinflow.report.comparison.page import comparison_page
from twinflow.settings import settings_yaml
from twinflow.system.json_files import write_json

STRENGTHS = {"anchored": 2.2, "cosine": 1.4, "logistic": 1.4, "euclidean": 1.0, "l1-sigmoid": 0.6}


@pytest.fixture(scope="module")
def fits():
    return [made(name, strength, seed) for name, strength in STRENGTHS.items() for seed in (0, 1)]


@pytest.fixture(scope="module")
def compared(fits):
    fewer_rows = [made("anchored", 2.0, share=share) for share in (0.25, 0.5, 0.75)]
    return compare([*fits, *fewer_rows], TRUTH, SETTINGS, {"ranking": ["<b>no"]})


@pytest.fixture(scope="module")
def address(fits, compared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("20260102T030405Z-abcdef-compare")
    words = {"headline": headline(compared), "recommendation": recommendation(compared), "answers": answers(compared)}
    write_json(folder / "compare.json", {**words, **compared})
    file = {"path": "data/<script>.csv", "sha256": "ab" * 32, "rows": 600, "same": 300}
    inputs = {"train": file, "test": file, "audit": {"warnings": ["one <i>"]}, "versions": {"twinflow": "0.1.0"}}
    write_json(folder / "inputs.json", inputs)
    histories = [fit.history.assign(system=fit.system, seed=fit.seed) for fit in fits if len(fit.history)]
    pd.concat(histories).to_csv(folder / "history.csv", index=False)
    (folder / "settings.yaml").write_text(settings_yaml(SETTINGS), encoding="utf-8")
    (folder / "compare.html").write_text(comparison_page(folder), encoding="utf-8")
    return (folder / "compare.html").as_uri()


def test_what_to_use_comes_first_and_every_answer_is_there(open_page, compared):
    page = open_page()
    title = page.locator("h1, h2").first
    assert title.bounding_box()["y"] < DESKTOP["height"] / 2
    assert "anchored" in headline(compared)
    text = page.locator("body").inner_text()
    for part in (headline(compared), "<script>.csv", "<b>no", "one <i>"):
        assert part in text
    told = answers(compared)
    left = [each for each in told if each["verdict"] == "Not answered"]
    assert 0 < len(left) < len(told)
    for answer in told:
        assert (answer["question"] in text) == (answer["text"] in text) == (answer not in left)
    assert page.locator("svg.plot:not([tabindex])").count() == 0


def test_what_is_not_answered_is_one_line_that_unfolds_with_the_command_that_answers_it(open_page, compared, address):
    page = open_page()
    left = [each for each in answers(compared) if each["verdict"] == "Not answered"]
    folded = page.locator("#unanswered summary")
    assert folded.inner_text() == f"{len(left)} questions not answered"
    folded.click()
    text = page.locator("#unanswered").inner_text()
    for answer in left:
        assert answer["question"] in text
        assert answer["text"] in text
    words = shlex.split(page.locator("#answers pre").inner_text())
    folder = Path(unquote(urlsplit(address).path)).parent
    given = dict(zip(words[2::2], words[3::2], strict=True))
    systems = set(given.pop("--systems").split(","))
    assert given == {
        "--train": "data/<script>.csv",
        "--test": "data/<script>.csv",
        "--seeds": "2",
        "--config": str(folder / "settings.yaml"),
    }
    assert systems == {
        *STRENGTHS,
        "wide",
        "euclidean-margin",
        "euclidean-linear",
        "euclidean-dropout",
        "l1-logits",
        "l1-contrastive",
    }
    fuller = compare([made(name, 1.0) for name in systems] + [made("anchored", 1.0, share=0.5)], TRUTH, SETTINGS, {})
    assert [each["question"] for each in answers(fuller) if each["needs"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_fits_the_screen(open_page, viewport, scheme):
    assert_fits(open_page(viewport=viewport, color_scheme=scheme), viewport, scheme)
