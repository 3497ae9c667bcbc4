"""The parts of the report that are worked out: errors and what pushed them, slices, the map, bands, new items."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, roc_auc_score

from tests.helpers.report_run import make_run
from twinflow.calibration.calibrate import calibrate
from twinflow.data.pairs import Pairs
from twinflow.evaluation.embedding_map import MOST_PAIRS, embedding_map
from twinflow.evaluation.evaluate import scored_pairs, sides_seen
from twinflow.evaluation.slices import BY_SEEN, seen_counts, slices
from twinflow.report.run.hardest import hardest
from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.run.map_plot import embedding_plot
from twinflow.report.run.model_card import limits
from twinflow.report.run.new_items_sentences import new_items
from twinflow.report.run.objective_plots import objective_plots
from twinflow.report.run.page import run_page
from twinflow.report.run.run_files import read_run
from twinflow.settings import Settings
from twinflow.statistics.items import Items


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    ids = {"speaker": ["ann", "bob", "cid"], "name": [str(i) for i in range(662)]}
    return read_run(make_run(tmp_path_factory.mktemp("runs"), ids=ids, duplicates=80))


# Errors


@pytest.mark.parametrize("called_same", [True, False])
def test_parts_add_up_to_the_way_over_the_threshold(run, called_same):
    found, threshold = hardest(run, called_same=called_same), run.calibration["threshold"]
    assert len(found) == 6
    np.testing.assert_allclose(found["from_cosine"] + found["learned"], found["score"] - threshold, atol=1e-6)
    assert ((found["score"] >= threshold) == called_same).all()
    assert (found["score"] - threshold).abs().is_monotonic_decreasing
    sign = 1 if called_same else -1
    by_cosine, by_network = sign * found["from_cosine"] > 0, sign * found["learned"] > 0
    assert ((found["pushed"] == "both") == (by_cosine & by_network)).all()
    assert ((found["pushed"] == "cosine") == (by_cosine & ~by_network)).all()


# Slices


def test_slices_have_the_figures_of_their_pairs(run):
    parts, test = run.metrics["slices"], run.test_scores
    assert [(part["by"], part["value"]) for part in parts] == [
        (BY_SEEN, "neither"),
        (BY_SEEN, "both"),
        ("speaker", "ann"),
        ("speaker", "bob"),
        ("speaker", "cid"),
    ]  # a name that occurs once is no group
    assert run.metrics["seen"] == {"neither": 582, "one": 0, "both": 80}
    for part in parts[2:]:
        own = test[test["speaker"] == part["value"]]
        assert part["rows"] == len(own)
        assert part["auc"] == pytest.approx(roc_auc_score(own["label"], own["score"]))
        assert part["cosine_auc"] == pytest.approx(roc_auc_score(own["label"], own["cosine"]))
        assert part["accuracy"] == pytest.approx(accuracy_score(own["label"], own["same"]))
        assert part["auc_interval"][0] < part["auc"] < part["auc_interval"][1]


def test_sides_seen_are_counted_by_item():
    bank = np.random.default_rng(0).normal(size=(9, 4)).astype("float32")
    train, test = ([[0, 1], [2, 3]], [[1, 0], [3, 5], [6, 7], [8, 2]])
    train, test = (
        Pairs(
            bank[np.array(p)[:, 0]],
            bank[np.array(p)[:, 1]],
            np.arange(len(p), dtype=np.int8) % 2,
            pd.DataFrame(index=range(len(p))),
        )
        for p in (train, test)
    )
    scores = scored_pairs(test, np.zeros(4))
    assert scores["row"].tolist() == [2, 3, 4, 5]
    assert sides_seen(test, train).tolist() == [2, 1, 0, 1]
    assert seen_counts(scores.assign(seen=sides_seen(test, train))) == {"neither": 1, "one": 2, "both": 1}


def test_a_part_of_one_class_is_said_to_be():
    label = np.array([0, 1] * 30 + [1] * 10)
    score = np.random.default_rng(0).normal(size=70) + label
    test = pd.DataFrame({"label": label, "score": score, "cosine": score, "seen": 0, "side": ["a"] * 60 + ["b"] * 10})
    test["left_item"], test["right_item"] = np.arange(70), np.arange(70, 140)
    parts = slices(test, calibrate(score, label, Settings()), Settings(ids=("side",), resamples=100))
    assert parts[1]["auc"] is None
    assert parts[1]["undefined"]["auc"] == "the pairs are all of one class"
    json.dumps(parts, allow_nan=False)


def test_new_items_are_spoken_of_as_far_as_the_test_file_tells(run):
    metrics = run.metrics
    found = new_items(metrics)
    auc = metrics["slices"][0]["auc"]
    assert found.startswith(f"On the 582 test pairs of which neither item is in the training file the AUC is {auc:.3f}")
    assert found.endswith("Expect the former on new items.")
    all_new = new_items({**metrics, "seen": {"neither": 662}})
    assert all_new.endswith("These are the figures to expect on new items.")
    few = [{**metrics["slices"][0], "same": 10}]
    assert "too few to say what to expect on new items" in new_items({**metrics, "slices": few})
    promised = limits(metrics, {"guarantee": "precision at least 0.9 with confidence 0.9"})
    assert promised[-1] == "Promised: precision at least 0.9 with confidence 0.9."
    assert limits(metrics, {})[-1].startswith("No figure is promised")


# Map, objectives, bands


def network(members):
    """Each member turns and stretches the vectors in a way of its own."""
    turns = np.linalg.qr(np.random.default_rng(1).normal(size=(members, 6, 6)))[0]
    return SimpleNamespace(embeddings=lambda vectors: np.stack([3**m * vectors @ turns[m] for m in range(members)]))


def test_the_map_is_the_principal_components(run):
    rng = np.random.default_rng(0)
    left, right = (rng.normal(size=(300, 6)) * [5, 2, 1, 1, 1, 1] for _ in range(2))
    pairs = Pairs(left.astype("float32"), right.astype("float32"), None, pd.DataFrame(index=range(300)))
    one, three = (embedding_map(network(members), pairs) for members in (1, 3))
    fitted = PCA(2).fit(np.concatenate([left, right]))
    assert one["explained"] == pytest.approx(fitted.explained_variance_ratio_, rel=1e-3)
    assert three["explained"] == pytest.approx(one["explained"], rel=1e-3)  # turned and stretched, they are the same
    places = fitted.transform(left)[:, 0]
    assert abs(np.corrcoef(places, np.array(one["left"])[:, 0])[0, 1]) == pytest.approx(1, abs=1e-3)
    assert one["rows"] == list(range(2, 302))
    many = Pairs(*(np.tile(side, (10, 1)) for side in (pairs.left, pairs.right)), None, pd.DataFrame(index=range(3000)))
    assert len(embedding_map(network(1), many)["rows"]) == MOST_PAIRS
    still = Pairs(*(np.ones((5, 6), np.float32) for _ in range(2)), None, pd.DataFrame(index=range(5)))
    assert embedding_map(network(2), still)["explained"] == [0, 0]


def test_the_map_names_how_many_pairs_are_wrong(run):
    confusion = run.metrics["test"]["confusion"]
    alt = embedding_plot(run).alt
    assert f"{confusion['fp']:,} pairs are called same and are different" in alt
    assert f"{confusion['fn']:,} called different and same" in alt
    assert embedding_plot(SimpleNamespace(map={"explained": [0, 0]})) is None


def test_objectives_say_their_figures_at_the_chosen_threshold(run):
    validation, threshold = run.scored("validation"), run.calibration["threshold"]
    balanced, traded, cost = objective_plots(validation, threshold, (2.0, 5.0))
    found, counts = run.metrics["validation"], run.metrics["validation"]["confusion"]
    for name in ("accuracy", "mcc"):
        assert f"{name.upper() if name == 'mcc' else name} {found[name]:.3f}" in balanced.alt
    assert f"precision {found['precision']:.3f}, recall {found['recall']:.3f}" in traded.alt
    assert f"{(2 * counts['fp'] + 5 * counts['fn']) / sum(counts.values()):.3f}" in cost.alt


def test_bands_hold_the_curve_and_widen_with_repeated_items():
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, 60, (2, 500))
    effect, label = 0.6 * rng.normal(size=60), rng.integers(0, 2, 500).astype(np.int8)
    score = effect[left] + effect[right] + 0.5 * rng.normal(size=500) + 1.4 * label
    rows, grid = LabelledScores(label, score), np.linspace(0.05, 0.95, 19)
    items = LabelledScores(label, score, Items.of_marks(left, right))
    curve = rows.curve
    for band, x, y in (
        ("recall_band", curve.fp / curve.different, curve.tp / curve.same),
        ("precision_band", curve.tp / curve.same, curve.tp / np.maximum(curve.called, 1)),
    ):
        narrow, wide = (np.stack(getattr(scored, band)(grid)) for scored in (rows, items))
        at = np.interp(grid, x[:-1][::-1], y[:-1][::-1])
        assert (wide[0] <= at + 1e-9).all()
        assert (at <= wide[1] + 1e-9).all()
        assert np.mean(wide[1] - wide[0]) > 1.1 * np.mean(narrow[1] - narrow[0])


def test_the_page_has_the_parts(run, tmp_path_factory):
    made = make_run(tmp_path_factory.mktemp("page"), ids={"speaker": ["ann", "<b>"]}, duplicates=80)
    metrics = json.loads((made / "metrics.json").read_text())
    known, new, *_ = metrics["slices"]
    held_out = {"rows": 80, "same": 40, "known": known, "new": new, "against_known": metrics["against_cosine"]}
    (made / "metrics.json").write_text(json.dumps({**metrics, "new_items": held_out}))
    html = run_page(made)
    for text in (
        "Map of the embeddings",
        "Against the current model",
        "items new to the network",
        "Parts of the test file",
        "Every objective by threshold",
        "Model card",
        "all until the report",
        "&lt;b&gt;",
    ):
        assert text in html
    assert len(html) < 1e6
