"""Scoring: one row out for each row in, whatever the chunks, the columns' order and the bad cells."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from schemas.scores import score_schema
from tests.helpers.reloaded import reloaded
from twinflow.calibration.calibrate import calibrate
from twinflow.data.reading.pair_files import iter_frames
from twinflow.errors import DataError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.scoring.files import score_file
from twinflow.scoring.verifier import Verifier
from twinflow.settings import Settings

WIDTH = 6


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    """An untrained network of six numbers a side, calibrated on pairs of its own."""
    settings = Settings(side_width=WIDTH, ids=("name",))
    network = TwinNetwork("anchored", HEADS["anchored"].defaults, WIDTH, members=2)
    random = np.random.default_rng(0)
    left = random.normal(size=(400, WIDTH)).astype("float32")
    label = np.arange(400) % 2
    right = np.where(label[:, None] == 1, left, random.normal(size=left.shape)).astype("float32")
    scores = np.asarray(network([left, right]))
    return Verifier(reloaded(network), calibrate(scores, label, settings), settings, Path("run"))


@pytest.fixture
def frame(verifier: Verifier) -> pd.DataFrame:
    """1,000 pairs with text ids, three of them with bad cells, under an index that isn't unique."""
    cells = np.random.default_rng(1).normal(size=(1000, 2 * WIDTH)).astype("float32")
    frame = pd.DataFrame(cells, columns=list(verifier.settings.columns.vectors), index=[7] * 1000)
    frame["name"] = [f"00{i}" for i in range(1000)]
    frame.iloc[500, 2], frame.iloc[501, [0, 3, 7, 8]], frame.iloc[502, 11] = np.nan, np.inf, -np.inf
    return frame


def test_one_row_out_for_each_row_in(verifier: Verifier, frame: pd.DataFrame) -> None:
    scored = score_schema(("name",)).validate(verifier.score_frame(frame))
    assert scored["row"].tolist() == list(range(2, 1002))
    assert scored["name"].tolist() == frame["name"].tolist()
    bad = scored.iloc[500:503]
    assert bad["status"].tolist() == [
        "not a finite number: v2",
        "not a finite number: v0, v3, v7 …",
        "not a finite number: v11",
    ]
    assert bad[["score", "probability", "same"]].isna().all(axis=None)
    good = scored.drop(index=[500, 501, 502])
    assert (good["status"] == "ok").all()
    assert ((good["score"] >= verifier.calibration.threshold) == (good["same"] == 1)).all()
    assert good["probability"].between(0, 1).all()


@pytest.mark.parametrize("rows", [1, 7, 64, 1000])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_chunks_do_not_show(
    verifier: Verifier, frame: pd.DataFrame, rows: int, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twinflow.scoring.files.CHUNK_ROWS", rows)
    some = frame.iloc[480:520]
    some.sample(frac=1, axis=1, random_state=0).to_csv(tmp_path / "pairs.csv", index=False)
    assert score_file(verifier, tmp_path / "pairs.csv", tmp_path / f"out{suffix}") == 40
    out = read(tmp_path / f"out{suffix}")
    whole = verifier.score_frame(some)
    np.testing.assert_allclose(out["score"], whole["score"], atol=1e-5)
    assert (
        out.drop(columns=["score", "probability"])
        .astype(str)
        .equals(whole.drop(columns=["score", "probability"]).astype(str))
    )


def test_a_header_alone_is_refused_and_nothing_written(verifier: Verifier, frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.iloc[:0].to_csv(tmp_path / "pairs.csv", index=False)
    with pytest.raises(DataError, match=r"/pairs\.csv: expected at least one pair, found no rows behind the header$"):
        score_file(verifier, tmp_path / "pairs.csv", tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.csv"]


def test_memory_does_not_grow_with_the_file(verifier: Verifier, tmp_path: Path) -> None:
    cells = np.random.default_rng(0).normal(size=(1 << 16, 2 * WIDTH)).astype("float32")
    frame = pd.DataFrame(cells, columns=list(verifier.settings.columns.vectors)).assign(name="a")
    frame.to_parquet(tmp_path / "pairs.parquet", index=False, row_group_size=1 << 13)
    before = pa.total_allocated_bytes()
    frames = iter_frames(tmp_path / "pairs.parquet", verifier.settings.columns, 1 << 13)
    held = [pa.total_allocated_bytes() - before for _ in frames]
    assert len(held) == 8
    assert max(held) < cells.nbytes


def test_arrays_are_checked(verifier: Verifier) -> None:
    good = np.zeros((3, WIDTH))
    with pytest.raises(ValueError, match=r"expected two arrays \(n, 6\), found \[\(3, 6\), \(2, 6\)\]"):
        verifier.score(good, good[:2])
    with pytest.raises(ValueError, match=r"expected two arrays \(n, 6\), found \[\(3, 5\), \(3, 5\)\]"):
        verifier.score(good[:, :5], good[:, :5])
    with pytest.raises(ValueError, match="expected finite numbers, found NaN or an infinity"):
        verifier.score(good, np.full_like(good, np.nan))


@pytest.mark.parametrize("rows", [0, 1, 2, 63])
def test_arrays_of_any_length_are_scored(verifier: Verifier, rows: int) -> None:
    left, right = np.random.default_rng(rows).normal(size=(2, rows, WIDTH))
    assert verifier.score(left, right).shape == verifier.predict(left, right).shape == (rows,)
    np.testing.assert_allclose(verifier.score(left, right), verifier.score(right, left), atol=1e-5)
    decided = verifier.score(left, right) >= verifier.calibration.threshold
    np.testing.assert_array_equal(verifier.predict(left, right), decided)


def read(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype={"name": str}) if path.suffix == ".csv" else pd.read_parquet(path)
    return frame.astype({"same": "Int8"})


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("encoded_bytes", [1 << 31, 0], ids=["encoded once", "gathered"])
def test_the_compact_form_scores_as_the_wide_one(
    verifier: Verifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoded_bytes: int
) -> None:
    monkeypatch.setattr("twinflow.scoring.verifier.CHUNK_ROWS", 70)
    monkeypatch.setattr("twinflow.scoring.files.CHUNK_ROWS", 70)
    monkeypatch.setattr("twinflow.scoring.files.ENCODED_BYTES", encoded_bytes)
    random, columns = np.random.default_rng(2), verifier.settings.columns
    bank = random.normal(size=(40, WIDTH)).astype(np.float32)
    bank[3, 1], bank[4, :] = np.nan, 3e38
    places, names = random.integers(0, 40, (2, 300)), [f"00{i}" for i in range(300)]
    wide = pd.DataFrame(np.hstack(bank[places]), columns=columns.vectors).assign(name=names)
    wide.to_parquet(tmp_path / "wide.parquet", index=False)
    (tmp_path / "compact").mkdir()
    pd.DataFrame(bank, columns=columns.left).to_parquet(tmp_path / "compact" / "vectors.parquet")
    links = pd.DataFrame({"left": places[0], "right": places[1], "name": names})
    links.to_csv(tmp_path / "compact" / "pairs.csv", index=False)
    found = []
    for name in ("wide.parquet", "compact"):
        assert score_file(verifier, tmp_path / name, tmp_path / "out.parquet") == 300
        found.append(pd.read_parquet(tmp_path / "out.parquet"))
    assert found[0]["status"].nunique() > 2
    pd.testing.assert_frame_equal(*found, rtol=0, atol=1e-5)
