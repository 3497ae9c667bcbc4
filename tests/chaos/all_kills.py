"""All kills of `kills.py` and `monitor_kills.py`, under a Prefect server of their own: `make chaos`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from flows.serving.server import tracking_server


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PREFECT_HOME": f"{folder}/prefect", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        with tracking_server() as ready:
            ready()
            command = [sys.executable, Path(__file__).with_name("kills.py"), folder, "--all"]
            ended = subprocess.run(command, check=False).returncode
            return ended or _kills_of_monitor(folder)


def _kills_of_monitor(folder: str) -> int:
    own = Path(folder, "monitor")
    own.mkdir()
    command = [sys.executable, "-m", "tests.chaos.monitor_kills", own, "--all"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
