"""22.7: settings that would take all memory, or all time, are refused in a line before anything is allocated."""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from tests.helpers.fits import WIDTH, make_pairs
from twinflow.errors import SettingsError
from twinflow.settings import Settings, load_settings, make_settings
from twinflow.training import fit as fitting
from twinflow.training.fit import fit

GIB = 1 << 30
ODD: list[Any] = [10**31, -(10**11), 10**400, 10**5000, 1e308, -1e308, math.nan, math.inf, -math.inf, True, "1e309"]
# What stands in for a setting that only goes with others
BESIDE: dict[str, dict[str, Any]] = {
    "target": {"objective": "tar-at-far"},
    "confidence": {"objective": "tar-at-far", "target": 0.1},
    "units": {"head": "euclidean"},
}
MAY_BE_ZERO = ("seed", "dropout", "weight_decay", "target", "minimum_auc", "unscored_share")


def numbers() -> list[str]:
    """The settings that take a number, or several."""
    return [name for name, field in Settings.model_fields.items() if {int, float} & _kinds(field.annotation)]


def _kinds(annotation: Any) -> set[Any]:
    inner = get_args(annotation)
    return set().union(*map(_kinds, inner)) if inner else {annotation}


def test_22_7_the_settings_that_take_numbers_are_found() -> None:
    assert {"side_width", "folds", "seed", "units", "batch_size", "epochs", "resamples", "cost_missed"} <= {*numbers()}
    assert not {"head", "prefix", "ids", "loss"} & {*numbers()}


@pytest.mark.parametrize("name", numbers())
@pytest.mark.parametrize("value", ODD, ids=lambda value: str(value)[:12] if value != 10**5000 else "10**5000")
def test_22_7_a_number_out_of_all_bounds_is_refused(name: str, value: Any) -> None:
    with pytest.raises(SettingsError) as refused:
        make_settings({**BESIDE.get(name, {}), name: [value] if name == "units" else value})
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"settings: {name}") or "expected a number or a word" in line
    assert len(line) < 200


@pytest.mark.parametrize("name", ["side_width", "folds", "seed", "batch_size", "epochs", "patience", "resamples"])
def test_22_7_a_hundred_billion_of_anything_is_refused(name: str) -> None:
    with pytest.raises(
        SettingsError, match=rf"^settings: {name}: Input should be less than [^\n]*, found 100000000000$"
    ):
        make_settings({name: 10**11})


@pytest.mark.parametrize("name", numbers())
def test_22_7_minus_zero_is_zero(name: str) -> None:
    values = {**BESIDE.get(name, {}), name: [-0.0] if name == "units" else -0.0}
    zero = 0 if name in MAY_BE_ZERO else None
    with nullcontext() if zero == 0 else pytest.raises(SettingsError, match=rf"^settings: {name}.*$") as refused:
        assert getattr(make_settings(values), name) == zero
    assert zero == 0 or len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"prefix": "v" * 10**6}, "prefix: String should have at most 64 characters"),
        ({"label": "v" * 10**6}, "label: String should have at most 256 characters"),
        ({"ids": ["v" * 10**6]}, "ids.0: String should have at most 256 characters"),
        ({"ids": [str(i) for i in range(10**5)]}, "ids: Tuple should have at most 1000 items"),
        ({"units": [1] * 10**5, "head": "euclidean"}, "units: Tuple should have at most 32 items"),
        (
            {"units": [100_000] * 2},
            "side_width, units, folds: expected a network of at most 1,073,741,824 weights",
        ),
        ({"side_width": 100_000, "units": [1000]}, "expected a network of at most 1,073,741,824 weights, found 1,"),
    ],
)
def test_22_7_so_is_what_adds_up(values: dict[str, Any], found: str) -> None:
    with pytest.raises(SettingsError) as refused:
        make_settings(values)
    (line,) = str(refused.value).splitlines()
    assert found in line
    assert len(line) < 300


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: &a {x: 1}\n" + "".join(f"{b}: &{b} {{<<: [*{a}, *{a}]}}\n" for a, b in pairwise("abcdefghi")), "<<"),
        ("x" * ((1 << 20) + 1), "expected at most 1,048,576 bytes, found more"),
        ("seed: " + "9" * 10**5, "expected YAML, found "),
        ("seed: 0x" + "f" * 10**5, "found a number of 400,000 bits"),
        ("units: " + "[" * 10**5, "expected YAML, found "),
    ],
)
def test_22_7_a_small_file_does_not_become_large(text: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(SettingsError, match=rf"s\.yaml: .*{found}") as refused:
        load_settings(tmp_path / "s.yaml")
    assert len(str(refused.value).splitlines()) == 1


# Its own peak: that of `getrusage` begins with the size of the process that started it.
TELLS_ITS_MEMORY = """
import atexit, re
from flows.commands.main import main
atexit.register(lambda: print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]))
main()
"""


def _little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (8 * GIB, 8 * GIB))


@pytest.mark.parametrize("line", ["side_width: 100000000000", "units: [100000000000]"])
def test_22_7_train_ends_at_once(line: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(line)
    command = [sys.executable, "-c", TELLS_ITS_MEMORY, "train", "--config", "s.yaml"]
    root = str(Path(__file__).parents[2])
    ended = subprocess.run(
        [*command, "--train", "a.csv", "--test", "b.csv"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        preexec_fn=_little_memory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    key = line.split(":")[0]
    assert ended.stderr.startswith(f"twinflow: s.yaml: {key}")
    assert len(ended.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]
    assert int(ended.stdout) < GIB >> 10  # in KB


def test_22_7_a_fit_that_this_machine_can_not_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "machine_bytes", lambda: 100 << 20)
    pairs, folds = make_pairs(60), np.arange(60) % 2
    settings = Settings(head="euclidean", side_width=WIDTH, units=[5000, 1000], epochs=1)
    expected = "^units, batch_size, folds: expected a fit that the 100 MB of this machine hold, found one that takes 19"
    with pytest.raises(SettingsError, match=expected):
        fit(pairs, folds, settings)
    assert fit(pairs, folds, Settings(head="euclidean", side_width=WIDTH, units=[8], epochs=1)).record["members"] == 2


@pytest.mark.parametrize("seeds", ["0", "1001", "100000000000"])
def test_22_7_compare_does_not_fit_for_ever(seeds: str, twinflow: Any) -> None:
    code, out, error = twinflow("compare", "--train", "a.csv", "--test", "b.csv", "--seeds", seeds)
    assert (code, out) == (2, "")
    assert "Invalid value for '--seeds'" in error
    assert "Traceback" not in error
