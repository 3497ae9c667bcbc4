"""What a command has loaded: nothing slow that it does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.helpers.untrained import write_run
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.runs.folder import point_current, seal
from twinflow.settings import Settings

SLOW = [
    *("tensorflow", "keras", "prefect", "evidently", "matplotlib", "sklearn"),
    *("pandera", "pandas", "scipy", "pyarrow", "h5py", "fsspec", "dask", "distributed"),
]
# The slow modules that are loaded go to descriptor 3 when the process ends, or starts the server.
TELLS = f"""
import atexit, os, sys
def tell(event="exit", given=()):
    if event == "exit" or event == "subprocess.Popen" and "flows.serving.server_process" in given[1]:
        os.write(3, " ".join(name for name in {SLOW} if name in sys.modules).encode())
        os._exit(0)
atexit.register(tell)
sys.addaudithook(tell)
"""


def loaded(code: str, folder: Path, *words: str) -> set[str]:
    """The slow modules that a new process has loaded once `code` is done."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    told, tell = os.pipe()
    command = ["-c", f"import os\nos.dup2({tell}, 3)\n{TELLS}\n{code}", *words]
    subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**environment, "PREFECT_HOME": str(folder)},
        check=True,
        capture_output=True,
        pass_fds=[tell],
    )
    os.close(tell)
    with os.fdopen(told, encoding="utf-8") as stream:
        return set(stream.read().split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a published run that was never trained, and a file of pairs."""
    made = tmp_path_factory.mktemp("startup")
    settings, network = Settings(side_width=4), TwinNetwork("anchored", HEADS["anchored"].defaults, 4, members=2)
    run = write_run(made, network, settings)
    seal(run)
    point_current(run)
    cells = np.random.default_rng(0).normal(size=(5, 8))
    pairs = pd.DataFrame(cells, columns=list(settings.columns.vectors))
    pairs.to_csv(made / "pairs.csv", index=False)
    return made


COMMAND = "from flows.commands.main import main\nmain()"


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        ("import twinflow", [], ""),
        (COMMAND, ["--help"], ""),
        (COMMAND, ["settings"], ""),
        (COMMAND, ["score", "--pairs", "pairs.csv", "--out", "out.csv", "--model", "current"], "pandas pyarrow h5py"),
        (COMMAND, ["train", "--train", "pairs.csv", "--test", "pairs.csv"], ""),  # until it starts the server
        (COMMAND, ["batch", "--pairs", "pairs", "--out", "out"], ""),  # likewise
    ],
    ids=["import", "help", "settings", "score", "train", "batch"],
)
def test_nothing_is_loaded_that_is_not_needed(folder: Path, code: str, words: list[str], expected: str) -> None:
    assert loaded(code, folder, *words) == set(expected.split())
    assert (folder / "out.csv").exists() == (words[:1] == ["score"])
    (folder / "out.csv").unlink(missing_ok=True)
