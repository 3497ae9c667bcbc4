"""All kills: of training, of outputs, of checks and inboxes, and of what `twinflow up` starts: `make chaos`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from flows.serving.server import tracking_server

KILLS = ("kills", "output_kills", "monitor_kills")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PREFECT_HOME": f"{folder}/prefect", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        with tracking_server() as ready:
            ready()
            ended = [_run(name, f"{folder}/{name}", "--all") for name in KILLS]
        ended.append(_run("served_kills", f"{folder}/served_kills", "0"))
    return max(ended)


def _run(name: str, folder: str, how: str) -> int:
    Path(folder).mkdir()
    command = [sys.executable, "-m", f"tests.chaos.{name}", folder, how]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
