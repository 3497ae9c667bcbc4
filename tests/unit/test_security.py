"""What `docs/threat-model.md` says of the code itself."""

from __future__ import annotations

import ast
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PACKAGES = ("twinflow", "schemas", "tasks", "deployments", "flows")
NODES = [
    node
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call | ast.Import | ast.ImportFrom)
]
CALLS = [(ast.unparse(node.func), node) for node in NODES if isinstance(node, ast.Call)]
RUNS_WHAT_IT_READS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "torch"}
UNPACKS = {"extract", "extractall", "unpack_archive"}
COMMANDS = {
    "system",
    "popen",
    "eval",
    "exec",
    "compile",
    "__import__",
    "load_model",
    "Lambda",
    "read_pickle",
    "to_pickle",
}


def given(call: ast.Call) -> dict[str | None, str]:
    return {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}


def test_nothing_that_runs_what_it_reads_is_imported() -> None:
    found = {alias.name.split(".")[0] for node in NODES if isinstance(node, ast.Import) for alias in node.names}
    found |= {(node.module or "").split(".")[0] for node in NODES if isinstance(node, ast.ImportFrom)}
    assert "numpy" in found
    assert found & RUNS_WHAT_IT_READS == set()


def test_nothing_is_unpacked_and_no_text_becomes_code() -> None:
    found = {name.split(".")[-1] for name, _ in CALLS if not name.startswith("re.")}
    assert "Popen" in found
    assert found & (UNPACKS | COMMANDS) == set()
    assert [name for name, call in CALLS if given(call).get("shell") == "True"] == []


def test_arrays_are_read_without_pickle() -> None:
    loads = [given(call) for name, call in CALLS if name == "np.load"]
    assert loads
    assert [each for each in loads if each.get("allow_pickle") == "True"] == []


def test_yaml_is_read_by_the_safe_loader() -> None:
    from twinflow.system.yaml_files import _Loader

    assert issubclass(_Loader, yaml.SafeLoader)
    assert {ast.unparse(call.args[1]) for name, call in CALLS if name == "yaml.load"} == {"_Loader"}
    assert {name for name, _ in CALLS} & {"yaml.unsafe_load", "yaml.full_load", "yaml.load_all"} == set()


def test_results_are_json() -> None:
    made = [given(call) for name, call in CALLS if name in ("flow", "task") and "name" in given(call)]
    assert len(made) >= 6
    assert [each["name"] for each in made if each.get("result_serializer") != "'json'"] == []
