"""Memory that was freed, and whether the system has it back."""

import subprocess
import sys

CODE = """
import gc
import numpy as np
from twinflow.system.memory import give_back

def held():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024

gc.disable()  # or they might be gone before
before = held()
for _ in range(2000):
    cycle = [np.ones(10_000)]  # 80 kB, which the C library keeps when it is freed
    cycle.append(cycle)
del cycle
full = held()
give_back()
print(full - before, held() - before)
"""


def test_what_cycles_hold_is_given_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    full, left = map(float, done.stdout.split())
    assert full > 140
    assert left < 30
