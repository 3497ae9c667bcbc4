"""The step that scores pairs of held-out items: what it adds to the validation scores, and when it does nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prefect.logging import disable_run_logger

from tasks.train.new_items import new_items
from twinflow.data.folds import make_folds
from twinflow.data.pair_store import PairWriter
from twinflow.data.pairs import Pairs
from twinflow.evaluation.evaluate import scored_pairs
from twinflow.evaluation.new_items import COLUMN
from twinflow.settings import Settings, settings_yaml
from twinflow.system.atomic import write_text


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """A run of head `logistic` after its fit: 2,000 pairs of 100 items of ten kinds, and a test file of the same."""
    random = np.random.default_rng(0)
    kind = np.arange(100) % 10
    bank = (random.normal(size=(10, 8))[kind] + random.normal(size=(100, 8))).astype("float32")
    left, right = random.integers(100, size=(2, 2000))
    right[::2] = (left[::2] + 10 * random.integers(1, 10, size=1000)) % 100
    label = (kind[left] == kind[right]).astype(np.int8)
    pairs = Pairs(bank[left], bank[right], label)
    for part, some in (("train", pairs), ("test", pairs.take(np.arange(200)))):
        with PairWriter(tmp_path / "work" / part) as writer:
            writer.add(some)
    np.save(tmp_path / "work" / "folds.npy", make_folds(pairs, Settings(side_width=8)))
    write_text(tmp_path / "settings.yaml", settings_yaml(Settings(side_width=8, head="logistic")))
    scored_pairs(pairs, random.normal(size=2000)).to_parquet(tmp_path / "validation_scores.parquet", index=False)
    return tmp_path


def step(run: Path) -> tuple[str, pd.DataFrame]:
    with disable_run_logger():
        result = new_items.task.fn(str(run))
    return result["said"], pd.read_parquet(run / "validation_scores.parquet")


def test_pairs_between_held_out_items_get_a_second_score(opened: Path) -> None:
    before = pd.read_parquet(opened / "validation_scores.parquet")
    said, scores = step(opened)
    some = scores[COLUMN].notna()
    assert said == f"{some.sum()} pairs between held-out items"
    assert 100 < some.sum() < 300  # 9% of the pairs
    pd.testing.assert_frame_equal(scores.drop(columns=COLUMN), before)
    held = set(scores["left_item"][some]) | set(scores["right_item"][some])
    same = scores["label"] == 1
    assert scores[COLUMN][some & same].mean() > scores[COLUMN][some & ~same].mean()
    assert len(held) <= 30


def test_where_no_member_knew_the_items_the_scores_are_those(opened: Path) -> None:
    np.save(opened / "work" / "folds.npy", np.zeros(2000, np.int8))
    said, scores = step(opened)
    assert said == "2,000 validation pairs, whose items no member knew"
    assert scores[COLUMN].equals(scores["score"].rename(COLUMN))


def test_nothing_is_added_where_not_every_pair_was_scored(opened: Path) -> None:
    np.save(opened / "work" / "folds.npy", (np.arange(2000) % 2 - 1).astype(np.int8))
    said, scores = step(opened)
    assert said == "not asked: not every pair has a validation score"
    assert COLUMN not in scores


def test_a_fit_that_comes_to_nothing_does_not_stop_the_run(opened: Path) -> None:
    for path in opened.glob("work/*/bank.npy"):
        np.save(path, np.load(path) * np.float32(1e25))
    said, scores = step(opened)
    assert said.startswith("not answered: left: expected numbers up to")
    assert COLUMN not in scores
