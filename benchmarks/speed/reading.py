"""Reading a CSV file against pandas, and validating a Parquet file against one pass over the numbers.

    python benchmarks/speed/reading.py [--csv-rows 66000] [--rows 1000000] [--rounds 5] [--folder DIR]

A row has 400 numbers and a label. The rows of the CSV file take 4.3 kB each, those of the Parquet file 1.6 kB, in DIR
(the system's folder for temporary files), and are removed. What is compared is timed in turn, and medians are printed;
beside wall clock there is CPU time, which holds on a machine that others use as well, but says nothing of how much was
done at once. The peak of memory is that of a process of its own, less what it needs with its imports alone. As given,
it takes about two minutes on 2 idle cores, and 5 GB of memory.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from schemas.pairs import validate
from twinflow.data.columns import PairColumns
from twinflow.data.reading.frames import join_frames
from twinflow.data.reading.pair_files import iter_frames
from twinflow.errors import DataError

COLUMNS = PairColumns()
CHUNK = 1 << 13

Seconds = np.ndarray  # wall clock, CPU


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv-rows", type=int, default=66_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--peak", choices=PEAKS, help=argparse.SUPPRESS)  # of one thing, in this process
    given = parser.parse_args()
    if given.peak:
        print(peak_of(PEAKS[given.peak], given.folder))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        reading(folder / "pairs.csv", given.csv_rows, given.rounds)
        validating(folder / "pairs.parquet", given.rows, given.rounds)
        nothing_finite(given.rounds)


def read(path: Path) -> pd.DataFrame:
    return join_frames(iter_frames(path, COLUMNS, 1 << 30, labelled=True), COLUMNS, labelled=True)


def reading(path: Path, rows: int, rounds: int) -> None:
    write(path, rows, pacsv.CSVWriter)
    print(f"reading {rows:,} × 401 CSV, {path.stat().st_size / 1e6:.0f} MB")
    compare(rounds, pandas=lambda: pd.read_csv(path), twinflow=lambda: read(path))


def validating(path: Path, rows: int, rounds: int) -> None:
    write(path, rows, pq.ParquetWriter)
    print(f"validating {rows:,} × 401 read from Parquet")
    validating_frame(path, rounds)
    peaks = {name: measured_peak(name, path) for name in PEAKS}
    reads = peaks["read"]
    print(f"  peak memory: array {rows * 1600 / 1e9:.2f} GB", end="")
    print(f", read {reads:.2f} GB, read and validated {peaks['validate']:.2f} GB")


def validating_frame(path: Path, rounds: int) -> None:
    frame = read(path)
    numbers = frame[list(COLUMNS.vectors)].to_numpy()
    compare(rounds, numpy=lambda: np.isfinite(numbers).all(), twinflow=lambda: validate(frame, path, COLUMNS))


def nothing_finite(rounds: int) -> None:
    frame = pd.DataFrame(np.full((20_000, 400), np.nan, np.float32), columns=list(COLUMNS.vectors))
    frame[COLUMNS.label] = np.arange(len(frame)) % 2

    def refused() -> None:
        with suppress(DataError):
            validate(frame, "none.csv", COLUMNS)

    print("the verdict on 20,000 × 400 cells that are no numbers")
    compare(rounds, numpy=lambda: np.isfinite(frame[list(COLUMNS.vectors)].to_numpy()).all(), twinflow=refused)


def compare(rounds: int, **timed: Callable[[], object]) -> None:
    """Medians of what is timed in turn, and how the last one compares with the first."""
    found: dict[str, list[Seconds]] = {name: [] for name in timed}
    for _ in range(rounds):
        for name, work in timed.items():
            found[name].append(clock(work))
    medians = {name: np.median(seconds, axis=0) for name, seconds in found.items()}
    first = next(iter(medians.values()))
    for name, seconds in medians.items():
        wall, cpu = seconds / first
        print(f"  {name:<9} {seconds[0]:>8.3f} s {seconds[1]:>8.3f} s CPU   {wall:.2f} / {cpu:.2f} of the first line's")
    sys.stdout.flush()


def clock(work: Callable[[], object]) -> Seconds:
    wall, cpu = perf_counter(), process_time()
    work()
    return np.array([perf_counter() - wall, process_time() - cpu])


def measured_peak(name: str, path: Path) -> float:
    """GB that a new process needs for one of `PEAKS`."""
    command = [sys.executable, __file__, "--peak", name, "--folder", str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak_of(work: Callable[[Path], object], path: Path) -> float:
    before = high_water()
    work(path)
    return high_water() - before


def high_water() -> float:
    """GB; what getrusage says has the parent's in it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1e6


PEAKS: dict[str, Callable[[Path], object]] = {
    "read": read,
    "validate": lambda path: validate(read(path), path, COLUMNS),
}


def write(path: Path, rows: int, made: Callable[[Path, pa.Schema], Any]) -> None:
    random = np.random.default_rng(0)
    schema = pa.schema([*((name, pa.float32()) for name in COLUMNS.vectors), (COLUMNS.label, pa.int8())])
    with made(path, schema) as writer:
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            vectors = random.normal(size=(len(COLUMNS.vectors), count)).astype(np.float32)
            columns = [*vectors, (np.arange(count) % 2).astype(np.int8)]
            writer.write_table(pa.table([pa.array(column) for column in columns], schema=schema))


if __name__ == "__main__":
    main()
