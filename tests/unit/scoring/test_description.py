"""What a verifier tells of itself and of pairs: its run in a line and in a table, parts of scores, embeddings."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.helpers.fits import make_pairs
from twinflow import Verifier, load, train
from twinflow.data.similarity import cosine
from twinflow.errors import ArtifactError
from twinflow.evaluation.pushes import line
from twinflow.system.json_files import read_json, write_json

TRAIN, TEST = make_pairs(200, noise=0.8), make_pairs(100, noise=0.8, seed=1)
RUNS_OF_0_1_0 = sorted((Path(__file__).parents[2] / "data/run-0.1.0/runs").glob("2*"))
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    given = [(some.left, some.right, some.known_label) for some in (TRAIN, TEST)]
    return train(*given, name="told", head="anchored", units=(4,), epochs=2, folds=2, resamples=100)


@pytest.fixture
def own(verifier: Verifier, tmp_path: Path) -> Verifier:
    """A verifier whose run can be changed."""
    return replace(verifier, run=Path(shutil.copytree(verifier.run, tmp_path / verifier.run.name)))


def test_a_line_has_head_auc_threshold_and_run(verifier: Verifier) -> None:
    test = read_json(verifier.run / "metrics.json")["test"]
    low, high = test["auc_interval"]
    threshold = f"{verifier.threshold:#.4g}".replace("-", "−")
    said = (
        f"Verifier(anchored, test AUC {test['auc']:.3f} ({low:.3f} to {high:.3f}), threshold {threshold} for accuracy"
    )
    assert repr(verifier).startswith(f"{said}, run {verifier.run.name}")
    assert repr(load(verifier.run)) == repr(verifier)


def test_a_table_has_the_same_and_the_data(verifier: Verifier) -> None:
    cells = dict(re.findall(r"<tr><th[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>", verifier._repr_html_()))
    assert cells["run"] == verifier.run.name
    assert cells["head"] == "anchored"
    assert cells["verdict"] == read_json(verifier.run / "gate.json")["trust"]["verdict"]
    assert f", run {verifier.run.name}, {cells['verdict']}" in repr(verifier)
    assert cells["train"] == f"200 pairs, {TRAIN.known_label.sum()} of them same"
    assert cells["test"] == f"100 pairs, {TEST.known_label.sum()} of them same"
    assert ("turned away by the gate" in cells) == bool(verifier.reasons)
    assert cells["test AUC"] in repr(verifier)


def test_nothing_that_a_run_says_is_markup_or_stops_the_table(own: Verifier) -> None:
    own = replace(own, run=own.run.rename(own.run.with_name("<b>run")))
    write_json(own.run / "gate.json", {"reasons": [SCRIPT], "trust": {"verdict": SCRIPT}})
    write_json(own.run / "metrics.json", {"test": {"auc": SCRIPT, "auc_interval": SCRIPT}, "cosine": SCRIPT})
    write_json(own.run / "inputs.json", {"train": {"rows": SCRIPT, "same": 1}, "test": [SCRIPT]})
    shown = own._repr_html_()
    assert SCRIPT not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "test AUC undefined" in repr(own)
    write_json(own.run / "gate.json", {"reasons": 5})
    assert own.reasons == ()
    for ends in ([0.5], [0.5, "x"], None, "0.5"):
        write_json(own.run / "metrics.json", {"test": {"auc": 0.75, "auc_interval": ends}})
        assert repr(own).startswith("Verifier(anchored, test AUC 0.750, threshold ")


def test_a_verifier_whose_run_is_gone_still_shows(own: Verifier) -> None:
    shutil.rmtree(own.run)
    assert repr(own).startswith("Verifier(anchored, threshold ")
    assert "<table>" in own._repr_html_()
    for ask in (own.report, lambda: own.explain(TEST.left, TEST.right)):
        with pytest.raises(ArtifactError, match=r"manifest.json: expected a file of a twinflow run, found "):
            ask()


def test_parts_of_scores_are_explained(verifier: Verifier) -> None:
    told, scores = verifier.explain(TEST.left, TEST.right), verifier.score(TEST.left, TEST.right)
    assert list(told) == ["score", "probability", "same", "cosine", "from_cosine", "learned", "pushed"]
    np.testing.assert_array_equal(told["score"], scores)
    np.testing.assert_array_equal(told["same"], verifier.predict(TEST.left, TEST.right))
    np.testing.assert_array_equal(told["probability"], verifier.predict_proba(TEST.left, TEST.right))
    np.testing.assert_array_equal(told["cosine"], cosine(TEST.left, TEST.right))
    known = pd.read_parquet(verifier.run / "validation_scores.parquet")
    by_cosine = line(known, told["cosine"].to_numpy(np.float64)) - verifier.threshold
    np.testing.assert_allclose(told["from_cosine"], by_cosine)
    np.testing.assert_allclose(told["from_cosine"] + told["learned"], scores - verifier.threshold, atol=1e-6)
    assert set(told["pushed"]) <= {"cosine", "network", "both"}
    with pytest.raises(ValueError, match=r"expected two arrays \(n, 8\), found \[\(100, 7\), \(100, 7\)\]"):
        verifier.explain(TEST.left[:, :7], TEST.right[:, :7])


@pytest.mark.parametrize("run", RUNS_OF_0_1_0, ids=lambda run: run.name)
def test_former_runs_tell_of_themselves_too(run: Path) -> None:
    verifier = load(run)
    assert re.match(r"Verifier\(\w+, test AUC 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\), threshold ", repr(verifier))
    left, right = np.random.default_rng(0).normal(size=(2, 5, verifier.settings.side_width))
    told = verifier.explain(left, right)
    np.testing.assert_allclose(told["from_cosine"] + told["learned"], told["score"] - verifier.threshold, atol=1e-5)


def test_an_altered_run_explains_and_shows_nothing(own: Verifier) -> None:
    for name in ("validation_scores.parquet", "report.html"):
        with (own.run / name).open("ab") as file:
            file.write(b" ")
    for ask in (own.report, lambda: own.explain(TEST.left, TEST.right)):
        with pytest.raises(ArtifactError, match="it was altered"):
            ask()


def test_embeddings_of_the_members_stand_side_by_side(verifier: Verifier) -> None:
    embedded = verifier.embed(TEST.left)
    assert embedded.shape == (100, 2 * 4)
    np.testing.assert_array_equal(embedded, np.concatenate(list(verifier.network.embeddings(TEST.left)), axis=1))
    assert verifier.embed(np.empty((0, 8))).shape == (0, 8)
    with pytest.raises(ValueError, match=r"^vectors: expected an array \(n, 8\), found \(100, 7\)$"):
        verifier.embed(TEST.left[:, :7])


def test_the_threshold_is_that_of_the_calls(verifier: Verifier) -> None:
    scores = verifier.score(TEST.left, TEST.right)
    np.testing.assert_array_equal(verifier.predict(TEST.left, TEST.right), scores >= verifier.threshold)
    assert verifier.at_prior(0.1).threshold == verifier.threshold


def test_the_report_is_the_page_of_the_run(verifier: Verifier) -> None:
    assert verifier.report() == verifier.run / "report.html"
    assert "told" in verifier.report().read_text(encoding="utf-8")
