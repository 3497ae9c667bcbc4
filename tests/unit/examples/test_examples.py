"""The bundled sample and the script that cut it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinflow.examples.cut_sample import cut
from twinflow.examples.sample import SAMPLE, write_sample


def test_the_sample_is_small_and_says_where_it_is_from():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 4_000_000
    readme = (SAMPLE.parent / "README.md").read_text(encoding="utf-8")
    for said in ("https://github.com/Jakobovski/free-spoken-digit-dataset", "CC BY-SA 4.0", "Changes made"):
        assert said in readme


def test_writing_makes_the_folder_and_repeats_itself(tmp_path):
    paths = write_sample(tmp_path / "new" / "folder")
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == ["new/folder/train.csv", "new/folder/test.csv"]
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_sample(tmp_path / "new" / "folder")] == before


def test_the_cut_keeps_splits_classes_and_vectors(tmp_path):
    random = np.random.default_rng(0)
    bank = pd.DataFrame(random.normal(size=(900, 3)).round(3).astype("float32"), columns=["v0", "v1", "v2"])
    pairs = pd.DataFrame({"split": ["train"] * 4000 + ["test"] * 2000, "class": np.arange(6000) % 2})
    pairs[["left", "right"]] = random.integers(900, size=(6000, 2))
    bank.to_parquet(tmp_path / "bank.parquet")
    pairs.to_parquet(tmp_path / "pairs.parquet")
    (tmp_path / "cut").mkdir()
    cut(tmp_path, tmp_path / "cut")
    kept, vectors = (
        pd.read_parquet(tmp_path / "cut" / "pairs.parquet"),
        pd.read_parquet(tmp_path / "cut" / "bank.parquet"),
    )
    assert kept.groupby("split")["class"].agg(["size", "sum"]).to_numpy().tolist() == [[662, 331], [1983, 992]]
    assert set(kept["left"]) | set(kept["right"]) == set(range(len(vectors)))

    def wide(pairs, bank):
        sides = [bank.to_numpy()[pairs[side]] for side in ("left", "right")]
        return {
            (split, *row, label)
            for split, row, label in zip(pairs["split"], map(tuple, np.hstack(sides)), pairs["class"], strict=True)
        }

    assert wide(kept, vectors) <= wide(pairs, bank)
