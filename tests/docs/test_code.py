"""The code on the pages, run as it stands there.

Blocks of `sh` and `python` are run in order, page by page, in a folder that has the sample in `pairs` and a trained
run, `runs/current`. Blocks of `bash` need more than one machine, minutes, or don't end; `test_pages.py` parses them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.serving.server import tracking_server
from tests.helpers.manual import MANUAL, PAGES, README, ROOT, blocks, commands, name_of, text_of, twinflow
from twinflow.training.distributed.cluster import Cluster, expect_chief, expect_worker

START = ROOT / "docs/quickstart.md"
# The encoder of the README is downloaded from the network; this one, of pieces of words, gives vectors as wide.
ENCODER = 'SentenceTransformer("all-MiniLM-L6-v2").encode'
HASHING = "HashingVectorizer(analyzer='char', ngram_range=(2, 3), n_features=384)"
TESTS_ENCODER = f"lambda texts: {HASHING}.transform(texts).toarray()"

# Of a page that is a notebook too, `test_notebook.py` runs the code.
OF_PYTHON = [page for page in PAGES if blocks(page, "python") and not page.with_suffix(".ipynb").exists()]

pytestmark = pytest.mark.timeout(900)  # the first fixture trains


def lines(page: Path) -> list[str]:
    """The commands of a page's blocks of `sh`; the targets of make are for another test."""
    code = "".join(blocks(page, "sh")).replace("\\\n", " ")
    return [line for line in code.splitlines() if not line.startswith("make ")]


def run(command: list[str], folder: Path) -> str:
    served = ("PREFECT_HOME", "PREFECT_API_URL")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_") or key in served}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout


def run_shell(code: list[str], folder: Path) -> None:
    if code:
        run(["bash", "-euo", "pipefail", "-c", "\n".join(code)], folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the pages' folders are, and Prefect's; one server serves all commands."""
    home = tmp_path_factory.mktemp("manual")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PREFECT_HOME", str(home / "prefect"))
        environment.delenv("PREFECT_API_URL", raising=False)
        with tracking_server() as wait:
            wait()
            yield home


@pytest.fixture(scope="module")
def trained(home: Path) -> Path:
    """A folder in which the commands of the first page were run."""
    folder = home / "start"
    folder.mkdir()
    (folder / ".venv").symlink_to(sys.prefix)
    run_shell(lines(START), folder)
    return folder


@pytest.fixture(scope="module")
def folder_of(trained: Path) -> Callable[[Path], Path]:
    """Runs what a page has, once, in a copy of the trained folder; what was run there is not run again."""
    folders = {START: trained}

    def folder_of(page: Path) -> Path:
        if page not in folders:
            folders[page] = trained.with_name(name_of(page).replace("/", "-"))
            shutil.copytree(trained, folders[page], symlinks=True)
            run_shell([line for line in lines(page) if line not in lines(START)], folders[page])
        return folders[page]

    return folder_of


def page_with(command: str) -> Path:
    """The first page that runs a command of twinflow."""
    return next(page for page in MANUAL if any(given[0] == command for given in given_on(page)))


def given_on(page: Path) -> list[list[str]]:
    return [given for given in map(twinflow, commands("\n".join(lines(page)))) if given]


@pytest.mark.parametrize("page", [page for page in PAGES if lines(page)], ids=name_of)
def test_commands_run(page: Path, folder_of: Callable[[Path], Path]) -> None:
    assert (folder_of(page) / "runs/current/manifest.json").exists()


@pytest.mark.parametrize("page", OF_PYTHON, ids=name_of)
def test_python_runs(page: Path, folder_of: Callable[[Path], Path]) -> None:
    run([sys.executable, "-c", "\n".join(blocks(page, "python"))], folder_of(page))


def test_a_loaded_model_gives_a_probability_a_pair(folder_of: Callable[[Path], Path]) -> None:
    page = next(page for page in MANUAL if "twinflow.load(" in "".join(blocks(page, "python")))
    codes = blocks(page, "python")  # each goes on from those before it
    loading = next(i for i, code in enumerate(codes) if "twinflow.load(" in code)
    code = "\n".join([*codes[: loading + 1], "print(verifier.predict_proba(left, right).shape)"])
    shown = run([sys.executable, "-c", code], folder_of(page))
    assert shown.splitlines()[-1] == "(10,)"


def test_texts_become_a_report(home: Path) -> None:
    """The README's five lines: as they stand there, but for the encoder and what installs it."""
    folder = home / "texts"
    (folder / "texts").mkdir(parents=True)
    (folder / ".venv").symlink_to(sys.prefix)
    for seed, part in enumerate(("train", "test")):
        write_texts(folder / "texts" / f"{part}.csv", seed)
    (code,) = blocks(README, "python")
    assert ENCODER in code
    hashing = "from sklearn.feature_extraction.text import HashingVectorizer"
    code = code.replace("from sentence_transformers import SentenceTransformer", hashing)
    (folder / "encode.py").write_text(code.replace(ENCODER, TESTS_ENCODER), encoding="utf-8")
    installs, *others = lines(README)
    assert installs == ".venv/bin/pip install sentence-transformers"
    assert len(others) == 4
    run_shell(others, folder)
    metrics = json.loads((folder / "runs/current/metrics.json").read_text())
    assert metrics["test"]["auc"] > 0.9
    assert (folder / "runs/current/report.html").exists()


def write_texts(path: Path, seed: int) -> None:
    """60 pairs of the same words in another order, and 60 of other words."""
    rng = np.random.default_rng(seed)
    words = sorted({*re.findall("[a-z]{4,}", text_of(START))})
    texts = [" ".join(rng.choice(words, 6)) for _ in range(180)]
    rights = [" ".join(rng.permutation(text.split())) for text in texts[:60]] + texts[120:]
    pairs = {"left": texts[:120], "right": rights, "class": [1] * 60 + [0] * 60}
    pd.DataFrame(pairs).to_csv(path, index=False)


def test_first_commands_train_and_score(trained: Path) -> None:
    given = given_on(START)
    assert [command for command, *_ in given] == ["example", "train", "score", "monitor"]
    (_, *options) = given[2]
    metrics = json.loads((trained / "runs/current/metrics.json").read_text())
    assert metrics["test"]["auc"] > metrics["cosine"]["auc"]
    scores = pd.read_csv(trained / options[options.index("--out") + 1])
    assert len(scores) == metrics["rows"] == 662
    assert (scores["status"] == "ok").all()


def test_a_table_is_scored_as_its_file(trained: Path, folder_of: Callable[[Path], Path]) -> None:
    page = page_with("batch")
    out = folder_of(page) / next(given for given in given_on(page) if given[0] == "batch")[4]
    assert {path.name for path in out.iterdir()} == {"scores", "audit.json", "drift.json", "manifest.json"}
    (part,) = (out / "scores").iterdir()
    expected = pd.read_csv(trained / "scores.csv")
    assert (pd.read_parquet(part)["score"] == expected["score"].astype("float32")).all()


def test_table_of_a_runs_files_is_complete(trained: Path) -> None:
    (page,) = [page for page in MANUAL if re.search("^#+ What a run leaves", text_of(page), re.MULTILINE)]
    section = re.split("^#+ What a run leaves", text_of(page), flags=re.MULTILINE)[1]
    table = section[section.index("\n|") :].split("\n\n")[0]
    told = set(re.findall(r"`([\w.]+\.\w+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.MULTILINE)))
    assert {path.name for path in (trained / "runs/current").iterdir()} == told


def test_cluster_is_one_that_can_train(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "".join(code for page in MANUAL for code in blocks(page, "bash"))
    (config,) = re.findall("TF_CONFIG='(.*)'", code)
    monkeypatch.setenv("TF_CONFIG", config)
    secret = "0123456789abcdef" * 4
    monkeypatch.setenv("TWINFLOW_SECRET", secret)
    assert expect_chief() == Cluster(("host0:4290", "host1:4290"), 0, secret.encode())
    monkeypatch.setenv("TF_CONFIG", config.replace('"index": 0', '"index": 1'))
    assert expect_worker() == Cluster(("host0:4290", "host1:4290"), 1, secret.encode())
