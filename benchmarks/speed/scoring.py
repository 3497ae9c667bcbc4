"""Scoring against the machine's matrix-multiply rate, the Keras pass, reading plus scoring apart; compact against wide.

    python benchmarks/speed/scoring.py [--rows 1000000] [--rounds 5] [--folder DIR]

The network is that of head `anchored` under default settings, untrained: what it costs does not depend on its weights.
The rows of a file take 1.6 kB each, in DIR (the system's folder for temporary files), and are removed. What is compared
is timed in turn, and medians are printed; beside wall clock there is CPU time, which holds on a machine that others use
as well. 1,000,000 rows take some minutes on 2 cores.
"""

import argparse
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, process_time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from twinflow.calibration.calibrate import calibrate
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import load_network
from twinflow.scoring.files import score_file
from twinflow.scoring.verifier import CHUNK_ROWS, Verifier
from twinflow.settings import Settings

WIDTH, MEMBERS = 200, 5
PAIRS, KERAS_PAIRS, KERAS_CHUNK = 1 << 15, 1 << 13, 1 << 11
PAIRS_A_VECTOR = 10
SIDE, TIMES = 1024, 24  # of the square matrices, and how many products of them
CORES = len(os.sched_getaffinity(0))

Seconds = np.ndarray  # wall clock, CPU


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        keras = TwinNetwork("anchored", HEADS["anchored"].defaults, WIDTH, MEMBERS)
        keras.save(folder / "model.keras")
        settings = Settings(side_width=WIDTH)
        calibration = calibrate(np.arange(100.0), np.arange(100) > 50, settings)
        verifier = Verifier(load_network(folder / "model.keras"), calibration, settings, folder)
        print(f"{CORES} cores; seconds are medians of {given.rounds} rounds, wall clock / CPU")
        in_memory(keras, verifier, given.rounds)
        file_to_file(verifier, folder, given.rows)


def in_memory(keras: TwinNetwork, verifier: Verifier, rounds: int) -> None:
    left, right = np.random.default_rng(0).normal(size=(2, PAIRS, WIDTH)).astype(np.float32)

    def by_keras() -> None:
        for start in range(0, KERAS_PAIRS, KERAS_CHUNK):
            np.asarray(keras([left[start : start + KERAS_CHUNK], right[start : start + KERAS_CHUNK]]))

    timed = {"products": products, "keras": by_keras, "numpy": lambda: verifier.network.scores(left, right)}
    found: dict[str, list[np.ndarray]] = {name: [] for name in timed}
    for round_ in range(rounds + 1):  # the first one warms up
        for name, work in timed.items():
            seconds = clock(work)
            if round_:
                found[name].append(seconds)
    median = {name: np.median(seconds, axis=0) for name, seconds in found.items()}
    flops = pair_flops(keras)
    limit = flops * median["products"] / (2 * SIDE**3 * TIMES * CORES)
    print(f"{flops / 1e6:.2f} MFLOP a pair, {flops / limit[0] / 1e9:.0f} GFLOP/s in float32")
    show("limit", "in memory", limit, limit)
    show("Keras", "in memory", median["keras"] / KERAS_PAIRS, limit)
    show("twinflow", "in memory", median["numpy"] / PAIRS, limit)


def file_to_file(verifier: Verifier, folder: Path, rows: int) -> None:
    """Once each: reading with pyarrow alone, scoring alone, and the product's file to file."""
    pairs = folder / "pairs.parquet"
    write(pairs, rows)
    vectors = np.random.default_rng(0).normal(size=(2, PAIRS, WIDTH)).astype(np.float32)

    def read() -> None:
        with pq.ParquetFile(pairs) as file:
            for batch in file.iter_batches(CHUNK_ROWS):
                matrix = np.empty((batch.num_rows, 2 * WIDTH), np.float32)
                for column in range(2 * WIDTH):
                    matrix[:, column] = batch[column].to_numpy()

    def score() -> None:
        for start in range(0, rows, PAIRS):
            verifier.network.scores(*vectors[:, : min(PAIRS, rows - start)])

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    whole = clock(lambda: score_file(verifier, pairs, folder / "scores.parquet"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    apart = clock(read) + clock(score)
    print(f"{rows:,} rows, {pairs.stat().st_size / 1e9:.2f} GB; peak {peak / 1e6:.2f} GB, {before / 1e6:.2f} before")
    show("apart", "reading + scoring", apart / rows, apart / rows)
    show("twinflow", "Parquet to Parquet", whole / rows, apart / rows)
    pairs.unlink()
    write_compact(folder / "compact", rows)
    compact = clock(lambda: score_file(verifier, folder / "compact", folder / "scores.parquet"))
    print(f"each vector in {PAIRS_A_VECTOR} pairs")
    show("twinflow", "Parquet to Parquet", whole / rows, whole / rows)
    show("twinflow", "compact to Parquet", compact / rows, whole / rows)


def products() -> None:
    """Float32 matrix products, a core each."""
    square = np.ones((SIDE, SIDE), np.float32)

    def one(_: int) -> None:
        out = np.empty_like(square)
        for _ in range(TIMES):
            np.matmul(square, square, out=out)

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, range(CORES)))


def pair_flops(network: TwinNetwork) -> int:
    """Of the matrix products of a pair; the tower sees both sides."""
    sides = {id(weight): 2 for weight in network.scorer.tower.weights}
    kernels = [weight for weight in network.trainable_weights if weight.name == "kernel"]
    return sum(2 * int(np.prod(kernel.shape)) * sides.get(id(kernel), 1) for kernel in kernels)


def write(path: Path, rows: int) -> None:
    random = np.random.default_rng(0)
    schema = pa.schema([(f"v{i}", pa.float32()) for i in range(2 * WIDTH)] + [("class", pa.int8())])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for start in range(0, rows, PAIRS):
            count = min(PAIRS, rows - start)
            columns = [*random.normal(size=(2 * WIDTH, count)).astype(np.float32), np.zeros(count, np.int8)]
            writer.write_table(pa.Table.from_arrays([pa.array(column) for column in columns], schema=schema))


def write_compact(folder: Path, rows: int) -> None:
    random, vectors = np.random.default_rng(0), 2 * rows // PAIRS_A_VECTOR
    bank = random.normal(size=(WIDTH, vectors)).astype(np.float32)
    places = random.permutation(np.repeat(np.arange(vectors), PAIRS_A_VECTOR))[: 2 * rows].reshape(2, -1)
    folder.mkdir()
    pq.write_table(pa.table({f"v{i}": column for i, column in enumerate(bank)}), folder / "vectors.parquet")
    pq.write_table(pa.table(dict(zip(("left", "right"), places, strict=True))), folder / "pairs.parquet")


def clock(work: Callable[[], object]) -> Seconds:
    wall, cpu = perf_counter(), process_time()
    work()
    return np.array([perf_counter() - wall, process_time() - cpu])


def show(who: str, what: str, pair: Seconds, peer: Seconds) -> None:
    """Pairs a second, and how that compares with the peer's."""
    rates = f"{1 / pair[0]:>11,.0f} {1 / pair[1]:>11,.0f}"
    ratios = peer / pair
    print(f"{who:<9} {what:<19} {rates} pairs/s   {ratios[0]:.2f} / {ratios[1]:.2f} of the first line's")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
