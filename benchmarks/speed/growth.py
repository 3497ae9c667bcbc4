"""What `twinflow train` takes as the pairs become more: seconds of each step, and peak memory.

    python benchmarks/speed/growth.py OUT [--rows 1000 10000 100000 1000000] [--epochs 1] [--folder DIR]

Pairs of 200 + 200 random numbers, the same ones a vector and its noisy copy, in Parquet files of 100,000 rows (1.6 kB a
row, in DIR or the system's folder for temporary files, twice while training, and removed). Settings are the defaults
but for `epochs`: so many of the network, and of the distance network behind it. The steps' seconds are those of
`timings.json`, without a Prefect server; the peak is that of the whole process. OUT gets `growth.json` and
`growth.png`. As given, it takes eight minutes on 2 idle cores.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from twinflow.data.columns import PairColumns

COLUMNS = PairColumns()
FILE_ROWS, TEST_ROWS = 100_000, 2_000
SHOWN = ("validate", "audit", "split", "fit", "calibrate", "evaluate")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    found = []
    for rows in given.rows:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            found.append(train(Path(folder), rows, given.epochs))
        print(json.dumps(found[-1]), flush=True)
        (given.out / "growth.json").write_text(json.dumps(found, indent=2) + "\n")
    draw(found, given.out / "growth.png")


def train(folder: Path, rows: int, epochs: int) -> dict[str, float]:
    """Seconds of the steps and peak memory (GB) of one run on so many pairs."""
    random = np.random.default_rng(0)
    (folder / "train").mkdir()
    for start in range(0, rows, FILE_ROWS):
        write(folder / "train" / f"{start:012}.parquet", min(FILE_ROWS, rows - start), random)
    write(folder / "test.parquet", TEST_ROWS, random)
    files = ["--train", str(folder / "train"), "--test", str(folder / "test.parquet")]
    options = ["--runs", str(folder / "runs"), "--no-server", "--set", f"epochs={epochs}"]
    command = [str(Path(sys.executable).with_name("twinflow")), "train", *files, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):  # 3: kept as rejected
        raise SystemExit(code)
    (timings,) = folder.glob("runs/[0-9]*/timings.json")
    return {"rows": rows, **json.loads(timings.read_text()), "peak_gb": round(used.ru_maxrss / 1e6, 2)}


def write(path: Path, rows: int, random: np.random.Generator) -> None:
    left, other, noise = random.standard_normal((3, rows, COLUMNS.side_width), np.float32)
    label = random.integers(0, 2, rows).astype(np.int8)
    right = np.where(label[:, None] == 1, left + 2 * noise, other)
    arrays = [*left.T.copy(), *right.T.copy(), label]
    table = pa.table(dict(zip((*COLUMNS.vectors, COLUMNS.label), arrays, strict=True)))
    pq.write_table(table, path, compression="none", use_dictionary=False, row_group_size=1 << 13)


def draw(found: list[dict[str, float]], path: Path) -> None:
    """Seconds against rows, both as powers of ten, a line a step."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    rows = [each["rows"] for each in found]
    for step in SHOWN:
        axes.loglog(rows, [each[step] for each in found], marker="o", label=step)
    axes.set(xlabel="pairs", ylabel="seconds")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
