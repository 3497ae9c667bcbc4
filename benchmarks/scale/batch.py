"""`twinflow batch` with one, two, … worker processes: pairs a second, efficiency, the cluster's start, memory.

    python benchmarks/scale/batch.py MODEL [--rows 1000000] [--partitions 16] [--rounds 3] [--folder DIR]

MODEL is a published run for vectors of 200 numbers. The pairs are random and take 1.6 kB each, in DIR (the system's
folder for temporary files), and are removed. What is compared is run in turn, and medians are printed; a Prefect server
is started beforehand. A worker has one thread; beside wall clock there is the CPU time of all workers, which holds on a
machine that others use as well. 1,000,000 pairs take some minutes on 2 cores.
"""

import argparse
import os
import resource
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

os.environ |= {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}

import dask
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, LocalCluster

from flows.batch import batch
from flows.serving.cluster import KEEP_MEMORY, dask_runner
from flows.serving.server import tracking_server
from twinflow.data.columns import PairColumns

CORES = len(os.sched_getaffinity(0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--partitions", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name, tracking_server() as ready:
        folder = Path(name)
        write(folder / "pairs", given.rows, given.partitions)
        write(folder / "few", 1000, 2)
        ready()
        measured(1, folder / "few", folder / "out", given.model)  # what is loaded once is loaded
        found: dict[int, list[dict[str, float]]] = {workers: [] for workers in range(1, CORES + 1)}
        for number in range(given.rounds):
            for workers, rounds in found.items():
                rounds.append(measured(workers, folder / "pairs", folder / f"out-{workers}-{number}", given.model))
                print(workers, {key: round(value, 2) for key, value in rounds[-1].items()}, flush=True)
    one = median(each["tasks"] for each in found[1])
    print("workers  pairs/s  in tasks  efficiency  start, s  tasks, s  joins, s  CPU, s  memory, MB")
    for workers, rounds in found.items():
        each = {key: median(some[key] for some in rounds) for key in rounds[0]}
        rates, efficiency = [given.rows / each[key] for key in ("all", "tasks")], one / each["tasks"] / workers
        seconds = f"{each['start']:8.1f}  {each['tasks']:8.1f}  {each['joins']:8.1f}  {each['cpu']:6.1f}"
        print(
            f"{workers:7}  {rates[0]:7,.0f}  {rates[1]:8,.0f}  {efficiency:10.0%}  {seconds}  {each['memory']:10,.0f}"
        )


def write(folder: Path, rows: int, partitions: int) -> None:
    folder.mkdir()
    names = PairColumns().vectors
    for number, part in enumerate(np.array_split(np.arange(rows), partitions)):
        vectors = np.random.default_rng(number).normal(size=(len(names), len(part))).astype(np.float32)
        pq.write_table(pa.table(dict(zip(names, vectors, strict=True))), folder / f"part-{number:05}.parquet")


def measured(workers: int, pairs: Path, out: Path, model: str) -> dict[str, float]:
    begin = perf_counter()
    options = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with dask.config.set(KEEP_MEMORY), LocalCluster(**options) as cluster:
        started = perf_counter()
        runner = dask_runner(cluster.scheduler_address)
        outcome: Any = batch.with_options(task_runner=runner)(str(pairs), str(out), model)
        seconds = perf_counter() - started
        with Client(cluster) as client:
            cpu, memory = zip(*client.run(used).values(), strict=True)
    joins = sum(outcome["seconds"].values())
    parts = {"start": started - begin, "all": seconds, "joins": joins, "tasks": seconds - joins}
    return {**parts, "cpu": sum(cpu), "memory": max(memory)}


def used() -> tuple[float, float]:
    """A worker's seconds of processor time, and its largest memory in MB."""
    found = resource.getrusage(resource.RUSAGE_SELF)
    return found.ru_utime + found.ru_stime, found.ru_maxrss / 1024


if __name__ == "__main__":
    main()
