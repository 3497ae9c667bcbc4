"""Kill `twinflow up`, its server and the process of its flow, in all combinations; see that the next `up` goes on.

    python -m tests.chaos.served_kills FOLDER [SEED]

Each combination is killed at once, at a random moment of a run of `train/train`: before it was taken up, while its
process starts, in the midst of it, or when it has ended. Whatever is left of the command is killed a second later.
Under the next `up` a run has to begin within `SECONDS`; in the end one has to finish, and none may be under way still.
Prints one JSON document.
"""

from __future__ import annotations

import json
import random
import sys
import time
from itertools import combinations
from pathlib import Path

from tests.helpers.served import Served, prepare, wait_until

SECONDS = 60  # "at once", as docs/runs.md says: the process of a run takes some seconds to start
WHOLE_RUN = 12.0  # seconds from asking for a run to its end, about
PROCESSES = ("flow", "server", "up")
COMBINATIONS = [names for size in (1, 2, 3) for names in combinations(PROCESSES, size)]
FINAL = {"COMPLETED", "CRASHED", "FAILED", "CANCELLED"}


def begin(up: Served) -> tuple[str, float]:
    """A run that has begun, and after how many seconds: the one asked for, or one from before the kill."""
    asked = time.monotonic()
    up.begin("train")
    wait_until(lambda: bool(running(up)), SECONDS)
    return running(up)[0], round(time.monotonic() - asked, 1)


def running(up: Served) -> list[str]:
    return [run["id"] for run in up.unended() if run["state_type"] == "RUNNING"]


def main(folder: Path, seed: int) -> None:
    prepare(folder, head="euclidean", folds=2, epochs=2)
    draw, waited = random.Random(seed), []
    order = draw.sample(COMBINATIONS, len(COMBINATIONS))
    for names in order:
        with Served(folder) as up:
            run, seconds = begin(up)
            waited.append(seconds)
            up.kill("flow")
            up.reach(run, FINAL, SECONDS)
            up.begin("train")
            time.sleep(draw.uniform(0, WHOLE_RUN))
            up.kill(*names)
            time.sleep(1)
    with Served(folder) as up:
        run, seconds = begin(up)
        waited.append(seconds)
        assert up.reach(run, FINAL, SECONDS) == "COMPLETED"
        wait_until(lambda: not up.unended(), SECONDS)
        assert up.end() == 0
    told = {"seed": seed, "kills": ["+".join(names) for names in order], "waited": waited}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 16))
