"""The command that serves reports leads to the server that the environment names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

MADE_BY = "9d0fa0d0-0000-4000-8000-000000000000"


@pytest.mark.parametrize("address", ["http://127.0.0.1:4200/api", None])
def test_the_list_leads_to_prefect_where_a_server_is_named(address: str | None, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "20260101T000000Z-a"
    run.mkdir(parents=True)
    (run / "report.html").write_text("<p>a report")
    (run / "manifest.json").write_text(f'{{"files": {{}}, "flow_run": "{MADE_BY}"}}')
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    environment |= {"PREFECT_HOME": str(tmp_path)} | ({"PREFECT_API_URL": address} if address else {})
    command = [str(Path(sys.executable).parent / "twinflow"), "reports", "--runs", str(run.parent), "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            page = httpx.get(process.stdout.readline().strip(), timeout=20).text
        finally:
            process.terminate()
    assert f"/{run.name}/report.html" in page
    link = f'href="http://127.0.0.1:4200/runs/flow-run/{MADE_BY}"'
    assert (link in page) is (address is not None)
    assert ("in Prefect" in page) is (address is not None)
