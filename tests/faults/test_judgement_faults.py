"""Faults of judging (F4, N10 and those without a number): thresholds, intervals, pairs that are known, one class."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.helpers.small_runs import SETTINGS, WIDTH, kept, pairs, trained
from twinflow.calibration.calibrate import calibrate
from twinflow.calibration.cross_fit import cross_fitted_calls
from twinflow.evaluation.metrics import evaluate, paired_auc
from twinflow.evaluation.threshold_change import threshold_change, worse
from twinflow.settings import Settings
from twinflow.statistics.resampling import delong_interval, percentile_interval
from twinflow.statistics.threshold_curve import ThresholdCurve
from twinflow.system.json_files import read_json

PERFECT = [0.0, 1.0, 4.0, 5.0], [0, 0, 1, 1]
WORSE = "Its threshold is worse than the former one: "
BOUND = 0.025 ** (1 / 2)  # of two disjoint pairs of pairs without an exception


def scored(scores: np.ndarray, label: np.ndarray) -> pd.DataFrame:
    rows = np.arange(len(scores))
    return pd.DataFrame({"label": label, "score": scores, "left_item": rows, "right_item": len(rows) + rows})


# F4: thresholds of few pairs


@pytest.mark.parametrize(("same", "different"), [(1, 1), (29, 100), (100, 29)])
def test_f4_a_threshold_of_few_pairs_is_refused(run: Path, twinflow, tmp_path: Path, same: int, different: int) -> None:
    frame = pairs(300, 3)
    few = pd.concat([frame[frame["class"] == 1][:same], frame[frame["class"] == 0][:different]])
    code, _, err = twinflow("calibrate", "--no-server", "--model", run, "--pairs", kept(few, tmp_path / "few.csv"))
    assert code == 2
    assert err.splitlines()[-1] == (
        f"twinflow: {tmp_path}/few.csv: expected at least 30 same and 30 different pairs to choose a threshold on, "
        f"found {same} same and {different} different"
    )
    assert {path.name for path in run.parent.glob("[!.]*")} == {"current", run.name}


def test_f4_a_worse_threshold_does_not_become_current(run: Path, twinflow, tmp_path: Path) -> None:
    """Half of the pairs have the other label, so that their best threshold is no good on the test file."""
    frame = pairs(200, 4)
    frame.loc[frame.index < 100, "class"] = 1
    words = ["calibrate", "--no-server", "--json", "--model", run, "--pairs", kept(frame, tmp_path / "odd.csv")]
    code, out, _ = twinflow(*words)
    outcome = json.loads(out)
    assert (code, outcome["state"]) == (3, "rejected")
    gate = read_json(Path(outcome["run"]) / "gate.json")
    found = gate["threshold"]["test"]["accuracy"]
    former = read_json(run / "metrics.json")["test"]
    assert (found["former"], found["now"]) == (former["accuracy"], outcome["test"]["accuracy"])
    assert found["difference"] == pytest.approx(found["now"] - found["former"])
    assert found["interval"][0] < found["difference"] < found["interval"][1] < 0
    assert found["former_interval"][0] < found["former"] < found["former_interval"][1]
    assert gate["threshold"]["former_threshold"] == former["threshold"]
    low, high = found["interval"]
    assert outcome["reasons"] == [
        f"Its threshold is worse than the former one: accuracy {found['now']:.3f}, and {found['former']:.3f} before, "
        f"95% interval of the difference {low:+.3f} to {high:+.3f}, on the test pairs."
    ]
    assert (run.parent / "current").resolve() == run
    page = (Path(outcome["run"]) / "report.html").read_text()
    assert f"the accuracy was {found['former']:.3f}" in page


def test_f4_pairs_like_the_others_give_a_threshold_that_is_published(run: Path, twinflow, files) -> None:
    code, out, _ = twinflow("calibrate", "--no-server", "--json", "--model", run, "--pairs", files["new"])
    made = Path(json.loads(out)["run"])
    change = read_json(made / "gate.json")["threshold"]
    assert (code, (run.parent / "current").resolve()) == (0, made)
    assert set(change["calibration"]) == set(change["test"]) == {"accuracy"}
    low, high = change["calibration"]["accuracy"]["interval"]
    assert low < 0.02
    assert high > -0.02


def test_f4_on_the_pairs_that_chose_it_a_threshold_is_called_without_them() -> None:
    """Of scores that say nothing the best cut looks better than chance, and its cross-fitted calls do not."""
    draw, own, fitted = np.random.default_rng(0), [], []
    for _ in range(30):
        scores, label = draw.normal(size=60), np.arange(60) % 2
        own.append(calibrate(scores, label, Settings()).objective_value)
        fitted.append(np.mean(cross_fitted_calls(scores, label, Settings()) == label))
    assert np.mean(own) > 0.56
    assert np.mean(fitted) == pytest.approx(0.5, abs=0.04)


def test_f4_a_threshold_that_breaks_the_limit_is_no_measure_of_recall() -> None:
    draw = np.random.default_rng(1)
    label = np.arange(800) % 2
    scores = label + draw.normal(size=800)
    wanted = Settings(objective="tar-at-far", target=0.1, resamples=100)
    chosen = calibrate(scores, label, wanted).threshold
    found = threshold_change(scored(scores, label), chosen, 0.5, wanted, None)  # 0.5: a third of false accepts
    assert list(found["test"]) == ["false accept rate beyond 0.1, negated,"]
    assert worse(found) == []
    (back,) = worse(threshold_change(scored(scores, label), 0.5, chosen, wanted, None))
    assert back.startswith(f"{WORSE}false accept rate beyond 0.1, negated, -0.163, and 0.000 before, ")
    (tight,) = worse(threshold_change(scored(scores, label), 3.0, chosen, wanted, None))
    assert tight.startswith(f"{WORSE}recall 0.0")


@pytest.mark.parametrize("objective", ["eer", "cost", "mcc", "f1", "youden"])
def test_f4_every_objective_is_held_against_the_former_threshold(objective: str) -> None:
    draw = np.random.default_rng(2)
    label = np.arange(800) % 2
    scores, wanted = label + draw.normal(size=800), Settings(objective=objective, resamples=100)
    chosen = calibrate(scores, label, wanted).threshold
    assert worse(threshold_change(scored(scores, label), chosen, 2.5, wanted, None)) == []
    assert len(worse(threshold_change(scored(scores, label), 2.5, chosen, wanted, None))) == 1


# F4: intervals without a width


def test_f4_the_interval_of_a_threshold_between_parted_classes_is_the_gap() -> None:
    found = calibrate(*PERFECT, Settings())
    assert (found.threshold, found.interval) == (2.5, (1.0, 4.0))
    assert calibrate([2.0] * 4, [1, 1, 1, 0], Settings()).interval != (2.0, 2.0)


def test_f4_no_figure_of_a_few_pairs_has_an_interval_of_no_width() -> None:
    figures = evaluate(PERFECT[1], PERFECT[0], calibrate(*PERFECT, Settings()), 100, 0)
    ends = {name: found for name, found in figures.items() if name.endswith("_interval")}
    assert all(found is None or found[0] < found[1] for found in ends.values())
    assert ends["auc_interval"] == pytest.approx([BOUND, 1.0])
    assert ends["recall_interval"] == pytest.approx([BOUND, 1.0])
    assert ends["accuracy_interval"] == pytest.approx([0.025 ** (1 / 4), 1.0])


def test_f4_equal_scores_leave_the_auc_open() -> None:
    ends = delong_interval(ThresholdCurve.of([1.0] * 4, [0, 0, 1, 1]))
    assert ends == pytest.approx([max(0.0, BOUND - 0.5), min(1.0, 1.5 - BOUND)])


def test_f4_two_scorers_that_part_the_classes_may_differ_elsewhere() -> None:
    scores, label = np.array(PERFECT[0]), np.array(PERFECT[1])
    found = paired_auc(label, scores, scores[[1, 0, 2, 3]], 100, 0)
    assert (found["auc_difference"], found["interval"]) == (0.0, pytest.approx([BOUND - 1, 1 - BOUND]))
    assert paired_auc(label, scores, scores**3, 100, 0)["interval"] == [0.0, 0.0]  # what ranks alike differs by nothing


def test_f4_resamples_that_are_all_alike_are_no_certainty() -> None:
    assert percentile_interval(np.ones(50), 100) == pytest.approx([0.025 ** (1 / 100), 1.0])
    assert percentile_interval(np.zeros(50), 100, (-1.0, 1.0)) == pytest.approx([0.025**0.01 - 1, 1 - 0.025**0.01])


# N10


def test_n10_a_rate_that_is_out_of_reach_of_few_pairs_keeps_the_threshold_between_the_classes(
    tmp_path: Path, twinflow
) -> None:
    names = {part: kept(pairs(rows, rows, 0.05), tmp_path / f"{part}.csv") for part, rows in (("tr", 60), ("te", 20))}
    words = ["--no-server", "--json", "--set", "objective=tar-at-far"]
    files = ["--train", names["tr"], "--test", names["te"], "--runs", tmp_path / "runs"]
    given = [*files, "--set", f"side_width={WIDTH}", "--set", "head=cosine"]
    model = ["--model", tmp_path / "runs" / "current"]
    told = {
        0.001: "False accept rate at most 0.001 cannot be shown on 30 different pairs: without an error among them it "
        "is at most 0.095, with confidence 0.95.",
        0.5: None,
    }
    for command in (["train", *given], ["calibrate", *model]):
        for target, warning in told.items():
            code, out, err = twinflow(*command, *words, "--set", f"target={target}")
            assert code == 0, err
            outcome = json.loads(out)
            calibration = read_json(Path(outcome["run"]) / "calibration.json")
            scores = pd.read_parquet(Path(outcome["run"]) / "validation_scores.parquet")
            ends = scores.groupby("label")["score"].agg(["min", "max"])
            assert ends.loc[0, "max"] < outcome["threshold"] < ends.loc[1, "min"]
            assert (outcome["test"]["recall"], outcome["test"]["precision"]) == (1.0, 1.0)
            assert calibration["threshold_interval"] == [ends.loc[0, "max"], ends.loc[1, "min"]]
            assert [each for each in calibration["warnings"] if "shown" in each] == ([warning] if warning else [])
            page = (Path(outcome["run"]) / "report.html").read_text()
            assert ("cannot be shown" in page) == (warning is not None)


# One class


@pytest.mark.parametrize("only", [0, 1])
def test_a_test_file_of_one_class_is_reported_on_and_turned_away(only: int, files, tmp_path: Path, twinflow) -> None:
    frame = pd.read_csv(files["test"])
    test = kept(frame[frame["class"] == only], tmp_path / "test.csv")
    words = ["--train", files["train"], "--test", test, "--runs", tmp_path / "runs", "--no-server", "--json"]
    code, out, _ = twinflow("train", *words, "--set", f"side_width={WIDTH}", "--set", "head=cosine")
    outcome = json.loads(out)
    assert (code, outcome["state"]) == (3, "rejected")
    missing, there = ("same", "different") if only == 0 else ("different", "same")
    assert outcome["reasons"] == [f"No test pair is {missing}: all 150 are {there}."]
    assert (outcome["test"]["auc"], outcome["test"]["auc_interval"]) == (None, None)
    assert (outcome["test"]["recall"] is None) == (only == 0)
    assert not (tmp_path / "runs" / "current").exists()
    assert "It can’t be trusted" in (Path(outcome["run"]) / "report.html").read_text()
    code, out, _ = twinflow("calibrate", "--no-server", "--json", "--model", outcome["run"], "--objective", "f1")
    assert (code, json.loads(out)["reasons"]) == (3, outcome["reasons"])


@pytest.mark.parametrize("only", [0, 1])
def test_one_class_chooses_no_threshold_and_trains_nothing(
    only: int, run: Path, files, tmp_path: Path, twinflow
) -> None:
    frame = pd.read_csv(files["new"])
    one = kept(frame[frame["class"] == only], tmp_path / "one.csv")
    training = [
        "train",
        "--train",
        one,
        "--test",
        files["test"],
        "--set",
        f"side_width={WIDTH}",
        "--set",
        "head=cosine",
    ]
    for words in (["calibrate", "--model", run, "--pairs", one], training):
        code, _, err = twinflow(*words, "--no-server", *(["--runs", tmp_path / "other"]))
        assert code == 2
        assert f"column 'class': expected both 0 (different) and 1 (same), found {only} in all 150 rows" in err


def test_a_training_file_that_is_the_test_file_is_not_published(files, tmp_path: Path, twinflow) -> None:
    """Random vectors with random labels, too: by heart any network is right."""
    rng = np.random.default_rng(0)
    names = [f"v{i}" for i in range(2 * WIDTH)]
    random = pd.DataFrame(rng.normal(size=(50, 2 * WIDTH)), columns=names).assign(**{"class": np.arange(50) % 2})
    for file in (files["train"], kept(random, tmp_path / "random.csv")):
        words = ["--train", file, "--test", file, "--runs", tmp_path / "runs", "--set", "folds=2"]
        code, out, err = twinflow(
            "train", *words, "--set", f"side_width={WIDTH}", "--set", "head=cosine", "--no-server", "--json"
        )
        assert code == 3, err
        outcome = json.loads(out)
        pairs = len(pd.read_csv(file))
        assert (outcome["state"], outcome["reasons"][0]) == (
            "rejected",
            f"{pairs} of {pairs} test pairs (100.0%) stand in the training file too, and too few others are left to "
            "judge by.",
        )
        page = Path(outcome["report"]).read_text()
        assert page.index("It can’t be trusted") < page.index("too few others are left to judge by")
        assert not (tmp_path / "runs/current").exists()


def test_test_pairs_of_the_training_file_judge_nothing(files, trained_run: Path, tmp_path: Path) -> None:
    """With or without them, mirrored ones too, the figures are the same; a network that is judged by them is too."""
    known, test = pd.read_csv(files["train"])[:50], pd.read_csv(files["test"])
    swapped = known.rename(columns=lambda name: f"v{(int(name[1:]) + WIDTH) % (2 * WIDTH)}" if name[0] == "v" else name)
    leaky = kept(pd.concat([known[:25], test, swapped[25:][list(test)]]), tmp_path / "leaky.csv")
    outcome = trained(files["train"], leaky, tmp_path / "runs")
    made = Path(outcome["run"])
    alone, beside = (read_json(each / "metrics.json") for each in (trained_run, made))
    assert beside["leaked"] == {"count": 50, "rows": 350, "left_out": True}
    assert {**beside, "leaked": None} == {**alone, "leaked": None}
    scores = pd.read_parquet(made / "test_scores.parquet")
    assert scores["row"].tolist() == list(range(27, 327))
    (told,) = (each for each in read_json(made / "inputs.json")["audit"]["warnings"] if "test pairs stand" in each)
    assert told.startswith("50 of 350 test pairs stand in the training file too (25 of them mirrored): what was learnt")
    assert "They are left out: every figure is of the other 300 pairs." in (made / "report.html").read_text()
    other = trained(files["new"], leaky, tmp_path / "runs", SETTINGS.model_copy(update={"seed": 1}))
    found = read_json(Path(other["run"]) / "gate.json")
    assert (len(pd.read_parquet(Path(other["run"]) / "test_scores.parquet")), found["current"]) == (350, made.name)
    assert found["compared"] == f"held against {made.name}, which scored this test file anew"
    again = trained(files["train"], leaky, tmp_path / "runs", SETTINGS.model_copy(update={"seed": 2}))
    assert read_json(Path(again["run"]) / "gate.json")["compared"].startswith("held against ")
    assert Path(again["report"]).exists()
