"""Training of one network by one, two and four processes on loopback: pairs a second, and efficiency.

    python benchmarks/scale/training.py [--rows 32768] [--rounds 3] [--head anchored] [--batch 64] [--workers 1,2,4]

The pairs are random, vectors of 200 numbers, five members; once they are held in memory, once read in shards. Each
process is bound to one core, in turn, so that two have one each of two and four share them. What is compared is run in
turn; of each cluster the first epoch builds graphs and is left out, and the next is timed, training and the scoring of
all rows apart. Medians are printed. About four minutes a round on 2 cores.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3"}

import numpy as np

from twinflow.data.pair_store import PairWriter
from twinflow.data.pairs import Pairs
from twinflow.settings import Settings, settings_yaml

WIDTH, MEMBERS = 200, 5
CORES = sorted(os.sched_getaffinity(0))
HELD = {"in memory": 1 << 40, "in shards": 0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1 << 15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--head", default="anchored")
    parser.add_argument("--batch", type=int, help="batch_size; default: the head's")
    parser.add_argument("--workers", default="1,2,4")
    given = parser.parse_args()
    counts = [int(count) for count in given.workers.split(",")]
    found: dict[tuple[str, int], list[dict[str, float]]] = {(how, count): [] for how in HELD for count in counts}
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), given.rows, Settings(side_width=WIDTH, head=given.head, batch_size=given.batch))
        for _ in range(given.rounds):
            for (how, count), rounds in found.items():
                rounds.append(measured(Path(name), how, count))
                print(how, count, rounds[-1], flush=True)
    print(f"{given.head}, {given.rows:,} pairs, {len(CORES)} cores, load {os.getloadavg()[0]:.1f}")
    print("pairs      workers  pairs/s  efficiency  scored/s  efficiency  a step, ms  gradient, MB")
    for (how, count), rounds in found.items():
        each = {key: median(some[key] for some in rounds) for key in rounds[0]}
        one = {key: median(some[key] for some in found[how, counts[0]]) for key in rounds[0]}
        trained, scored = (given.rows / each[key] for key in ("train", "score"))
        shares = [one[key] / each[key] / count * counts[0] for key in ("train", "score")]
        print(
            f"{how:<10} {count:>7}  {trained:>7,.0f}  {shares[0]:>10.0%}  {scored:>8,.0f}  {shares[1]:>10.0%}"
            f"  {1000 * each['train'] / each['steps']:>10.1f}  {4e-6 * each['numbers']:>12.1f}"
        )


def write(run: Path, rows: int, settings: Settings) -> None:
    """What the processes read of a run."""
    draw = np.random.default_rng(0)
    with PairWriter(run / "work" / "train") as writer:
        for start in range(0, rows, 1 << 13):
            some = min(1 << 13, rows - start)
            left, right = draw.normal(size=(2, some, WIDTH)).astype(np.float32)
            writer.add(Pairs(left, right, draw.integers(0, 2, some).astype(np.int8)))
    np.save(run / "work" / "folds.npy", (np.arange(rows) % MEMBERS).astype(np.int8))
    (run / "settings.yaml").write_text(settings_yaml(settings), encoding="utf-8")


def measured(run: Path, how: str, count: int) -> dict[str, float]:
    """What the chief of so many processes says of an epoch."""
    with ExitStack() as opened:
        servers = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        addresses = [f"127.0.0.1:{server.getsockname()[1]}" for server in servers]
    processes = []
    for place in range(count):
        config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": place}}
        code = f"from benchmarks.scale import training as t; t.take_part({str(run)!r}, {how!r}, {place})"
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=Path(__file__).parents[2],
                env={**os.environ, "TF_CONFIG": json.dumps(config)},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
    out = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit(f"{count} processes {how}: expected them to end with 0, found {processes}")
    return dict(json.loads(out[0].splitlines()[-1]))


def take_part(run: str, how: str, place: int) -> None:
    """A process' part: an epoch that builds the graphs, and one that is timed."""
    os.sched_setaffinity(0, {CORES[place % len(CORES)]})  # before TensorFlow counts them
    from twinflow.models.network import TwinNetwork
    from twinflow.settings import load_settings
    from twinflow.training import shards
    from twinflow.training.distributed.scope import taking_part
    from twinflow.training.trainers.registry import trainer_of

    shards.IN_MEMORY = HELD[how]
    with taking_part(None if place else Path(run)) as folder:
        settings, pairs = load_settings(folder / "settings.yaml"), Pairs.load(folder / "work" / "train")
        trains = np.load(folder / "work" / "folds.npy") != np.arange(MEMBERS)[:, None]
        network = TwinNetwork(settings.head, settings.network_settings, WIDTH, MEMBERS, settings.seed)
        network.adapt(pairs)
        trainer: Any = trainer_of(settings.head)(
            network, pairs, trains, np.ones(trains.shape, np.float32), settings.seed, 10
        )
        trainer.train(1)
        trainer.scores()
        if settings.head == "anchored":
            trainer.growing.result()  # the trees, which every process grows for itself beside its first epochs
        start = perf_counter()
        trainer.train(2)
        trained = perf_counter()
        trainer.scores()
        told = {"train": trained - start, "score": perf_counter() - trained, "steps": trainer.steps}
        print(json.dumps({**told, "numbers": sum(int(np.prod(each.shape)) for each in trainer.variables)}))


if __name__ == "__main__":
    main()
