"""Training against Keras' `fit`, eager PyTorch and the machine's matrix products: the same network, pairs and batches.

    python benchmarks/speed/training.py [--torch PYTHON] [--rounds 5]

The network is that of head `euclidean`, one member. What is compared is timed in turn, some epochs at a time once
everything is built, and medians are printed: twinflow as it is for short fits and, as XLA, compiled for long ones. The
machine's products are large ones in float32, over the FLOPs that a pair takes there and back. PYTHON has torch
(`pip install torch==2.13.0`), in an environment of its own or this one; without it that line is left out. Some minutes
on 2 cores.
"""

import argparse
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers, ops

from twinflow.data.pairs import Pairs
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.network_settings import Compilation
from twinflow.training.gradient_trainer import GradientTrainer

WIDTH, UNITS, DROPOUT = 200, 128, 0.1
CASES = {(991, 32): 20, (50_000, 256): 2}
"""Pairs and rows a batch; epochs that are timed together."""

SQUARE = 2048  # rows and columns of a matrix
FLOP = 2 * 2 * (2 * (WIDTH * UNITS + 2 * UNITS**2) + 2 * UNITS**2)
"""Of a pair: two sides, a product and a sum, for the outputs and the weights' gradient, and for two layers' inputs'."""

Seconds = Callable[[], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", metavar="PYTHON")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for (rows, batch), epochs in CASES.items():
        peers = {"Keras fit": keras_fit(rows, batch, epochs)}
        if given.torch:
            peers["PyTorch"] = torch_eager(given.torch, rows, batch, epochs)
        own = {"twinflow": ours(rows, batch, epochs, "never"), "XLA": ours(rows, batch, epochs, "always")}
        timed = {**own, **peers}
        product = products()
        found = [
            {name: rows * epochs / seconds() for name, seconds in timed.items()}
            | {"products": 2 * SQUARE**3 / FLOP / product()}
            for _ in range(given.rounds)
        ]
        show(rows, batch, pd.DataFrame(found))


def show(rows: int, batch: int, rates: pd.DataFrame) -> None:
    """Pairs a second, medians, and twinflow's in theirs; a ratio is the median of the rounds'."""
    print(f"{rows:,} pairs, batches of {batch}, {os.cpu_count()} cores, medians of {len(rates)} rounds")
    for name in rates:
        ratios = [f"{(rates[own] / rates[name]).median():.2f}" for own in ("twinflow", "XLA")]
        print(f"  {name:<10} {rates[name].median():>10,.0f} pairs/s   twinflow, XLA in it: {', '.join(ratios)}")


def pairs_of(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    left, right = random.normal(size=(2, rows, WIDTH)).astype(np.float32)
    return left, right, random.integers(0, 2, rows).astype(np.int8)


def ours(rows: int, batch: int, epochs: int, xla: Compilation) -> Seconds:
    settings = replace(HEADS["euclidean"].defaults, batch_size=batch, xla=xla)
    pairs = Pairs(*pairs_of(rows))
    everything, weights = np.ones((1, rows), bool), np.ones((1, rows), np.float32)
    network = TwinNetwork("euclidean", settings, WIDTH)
    trainer = GradientTrainer(network, pairs, everything, weights, seed=0, epochs=epochs)
    trainer.train(1)  # traced here

    def more() -> None:
        for number in range(2, epochs + 2):
            trainer.train(number)

    return clock(more)


def keras_fit(rows: int, batch: int, epochs: int) -> Seconds:
    left, right, label = pairs_of(rows)
    tower = keras.Sequential()
    for _ in range(2):
        tower.add(layers.Dense(UNITS, "relu"))
        tower.add(layers.Dropout(DROPOUT))
    tower.add(layers.Dense(UNITS, "relu"))
    sides = [keras.Input((WIDTH,)), keras.Input((WIDTH,))]
    one, other = map(tower, sides)
    distance = ops.sqrt(ops.maximum(ops.sum(ops.square(one - other), axis=1, keepdims=True), 1e-12))
    model = keras.Model(sides, distance)
    model.compile("rmsprop", contrastive)
    target = label.astype(np.float32)[:, None]
    model.fit([left, right], target, batch, epochs=1, verbose=0)
    return clock(lambda: model.fit([left, right], target, batch, epochs=epochs, verbose=0))


def contrastive(same: Any, distance: Any) -> Any:
    return ops.mean(same * ops.square(distance) + (1 - same) * ops.square(ops.maximum(1 - distance, 0.0)), axis=-1)


def torch_eager(python: str, rows: int, batch: int, epochs: int) -> Seconds:
    """A process of its own: two thread pools in one would wait for each other."""
    side = Path(__file__).with_name("torch_side.py")
    command = [python, str(side), *map(str, (rows, batch, epochs))]
    return lambda: float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def products() -> Seconds:
    one, other = tf.random.stateless_normal((2, SQUARE, SQUARE), (0, 0))
    return clock(lambda: tf.matmul(one, other).numpy())


def clock(work: Callable[[], object]) -> Seconds:
    def seconds() -> float:
        start = perf_counter()
        work()
        return perf_counter() - start

    return seconds


if __name__ == "__main__":
    main()
