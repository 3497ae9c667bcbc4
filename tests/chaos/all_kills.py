"""All kills: of training, under a Prefect server of its own, and of what `twinflow up` starts: `make chaos`."""

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
            trained = subprocess.run(command, check=False).returncode
    return trained or served()


def served() -> int:
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([sys.executable, "-m", "tests.chaos.served_kills", folder, "0"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
