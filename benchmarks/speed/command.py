"""`twinflow train`, everything included, against a bare script that fits one network on the same files.

    python benchmarks/speed/command.py TRAIN TEST SCRIPT [--rounds 3]

SCRIPT is Python that takes TRAIN and TEST as its arguments, and runs in this environment. What is compared is run in
turn, once more than is counted: the script, `twinflow train` with a Prefect server of its own, and with one that runs
already. Medians of the wall clock are printed. A round takes half a minute on 2 idle cores.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import pandas as pd

from flows.serving.server import tracking_server

TURNED_AWAY = 3  # the exit code of a run that was not good enough, on one set or another


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("train", "test", "script"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(pd.DataFrame([measured(given, Path(folder)) for _ in range(1 + given.rounds)][1:]))


def measured(given: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Seconds of each, in turn; the Prefect home of our runs is warm from the second time on."""
    os.environ["PREFECT_HOME"] = str(folder / "home")
    files = ["--train", given.train, "--test", given.test, "--runs", folder / "runs", "--force"]
    command = [Path(sys.executable).with_name("twinflow"), "train", *files]
    found = {"script": seconds([sys.executable, given.script, given.train, given.test])}
    found["own server"] = seconds(command)
    with tracking_server() as ready:
        ready()
        found["running server"] = seconds(command)
    return found


def seconds(command: Sequence[str | Path]) -> float:
    start = perf_counter()
    code = subprocess.run(command, check=False, capture_output=True).returncode
    if code not in (0, TURNED_AWAY):
        raise SystemExit(f"{command[0]}: expected it to end with 0, found {code}")
    return perf_counter() - start


def show(found: pd.DataFrame) -> None:
    for name in found:
        ratio = (found[name] / found["script"]).median()
        print(f"{name:<15} {found[name].median():>6.1f} s   {ratio:.2f} of the script's")


if __name__ == "__main__":
    main()
