"""The README's commands, run as they stand there, each with a server of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from twinflow.training.distributed.cluster import Cluster, expect_chief, expect_worker

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def run(command: str | list[str], folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    ended = subprocess.run(
        command if isinstance(command, list) else command.replace(".venv/bin/", f"{BIN}/").split(),
        cwd=folder,
        env={**environment, "PREFECT_HOME": str(folder / "prefect")},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the commands on pairs were run."""
    folder = tmp_path_factory.mktemp("readme")
    _, *commands = blocks("sh")
    lines = [line for block in commands for line in block.splitlines()]
    assert [line.split()[1] for line in lines] == ["example", "train", "score", "monitor", "convert", "batch"]
    for line in lines:
        run(line, folder)
    return folder


def test_set_up_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    set_up, *_ = blocks("sh")
    assert set_up.split() == ["make", "demo", "make", "test"]
    assert re.search(r"^demo:", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)


def test_commands_train_and_score(folder: Path) -> None:
    metrics = json.loads((folder / "runs/current/metrics.json").read_text())
    assert metrics["test"]["auc"] > metrics["cosine"]["auc"]
    scores = pd.read_csv(folder / "scores.csv")
    assert len(scores) == metrics["rows"] == 662
    assert (scores["status"] == "ok").all()


def test_commands_score_a_table(folder: Path) -> None:
    assert {path.name for path in (folder / "scored").iterdir()} == {
        "scores", "audit.json", "drift.json", "manifest.json"
    }  # fmt: skip
    (part,) = (folder / "scored" / "scores").iterdir()
    expected = pd.read_csv(folder / "scores.csv")
    assert (pd.read_parquet(part)["score"] == expected["score"].astype("float32")).all()


def test_table_of_files_is_complete(folder: Path) -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## What a run leaves")[1].split("\n\n")[2]
    told = set(re.findall(r"`([\w.]+\.\w+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.MULTILINE)))
    assert {path.name for path in (folder / "runs/current").iterdir()} == told


def test_python_example_runs(folder: Path) -> None:
    (code,) = blocks("python")
    out = run([sys.executable, "-c", code + "\nprint(verifier.predict_proba(left, right).shape)"], folder)
    assert out.splitlines()[-1] == "(10,)"


def test_cluster_is_one_that_can_train(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = blocks("bash")
    (config,) = re.findall(r"TF_CONFIG='(.*)'", code)
    monkeypatch.setenv("TF_CONFIG", config)
    assert expect_chief() == Cluster(("host0:4290", "host1:4290"), 0)
    monkeypatch.setenv("TF_CONFIG", config.replace('"index": 0', '"index": 1'))
    assert expect_worker() == Cluster(("host0:4290", "host1:4290"), 1)


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
