"""Cut the bundled sample from a larger set of pairs in compact form.

    python examples/cut_sample.py SOURCE

SOURCE holds `bank.parquet` (vectors, `v0 … v199`) and `pairs.parquet` (`split`, `left`, `right`, `class`). Rows of the
sample's train and test files come from the same split of the source, half of them of each class, drawn by a seed.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SAMPLE = Path(__file__).parent / "sample"
ROWS = {"train": 1983, "test": 662}
SEED = 0
DECIMALS = 3  # the numbers run from -14 to 28; three decimals change no score that people look at


def draw(pairs: pd.DataFrame, split: str, rows: int) -> pd.DataFrame:
    """`rows` pairs of a split in random order, half of them of each class, an odd one being "same"."""
    of_split = pairs[pairs["split"] == split]
    counts = {1: rows - rows // 2, 0: rows // 2}
    drawn = [of_split[of_split["class"] == label].sample(n, random_state=SEED) for label, n in counts.items()]
    return pd.concat(drawn).sample(frac=1, random_state=SEED)


def cut(source: Path, target: Path) -> None:
    """Write the sample's `bank.parquet` and `pairs.parquet` into `target`."""
    pairs = pd.read_parquet(source / "pairs.parquet").astype({"split": str})
    pairs = pd.concat([draw(pairs, split, rows) for split, rows in ROWS.items()])
    kept, places = np.unique(pairs[["left", "right"]].to_numpy(), return_inverse=True)
    pairs[["left", "right"]] = places.reshape(-1, 2).astype("int32")
    bank = pd.read_parquet(source / "bank.parquet").iloc[kept].astype("float64").round(DECIMALS).astype("float32")
    _write(bank, target / "bank.parquet")
    _write(pairs.astype({"class": "int8"}), target / "pairs.parquet")


def _write(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    pq.write_table(table, path, compression="zstd", compression_level=19)


if __name__ == "__main__":
    cut(Path(sys.argv[1]), SAMPLE)
