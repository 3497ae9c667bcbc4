"""The notebook, run cell by cell as a person would: it comes to a decision that plain cosine gets wrong."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.manual import ROOT

NOTEBOOK = ROOT / "docs/texts.ipynb"


def run_cell(code: str, names: dict[str, Any]) -> Any:
    """Run a cell; the value of its last line, if that is an expression."""
    *body, last = ast.parse(code).body
    if not isinstance(last, ast.Expr):
        exec(code, names)
        return None
    exec(compile(ast.Module(body, []), NOTEBOOK.name, "exec"), names)
    return eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names)


@pytest.fixture(scope="module")
def shown() -> tuple[dict[str, Any], list[Any]]:
    """The names that the cells leave, and what each shows."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    return names, [run_cell("".join(cell["source"]), names) for cell in cells if cell["cell_type"] == "code"]


def test_its_model_is_better_than_cosine_and_passes(shown: tuple[dict[str, Any], list[Any]]) -> None:
    names, values = shown
    verifier = names["verifier"]
    assert any(value is verifier for value in values)
    assert verifier.reasons == ()
    metrics = json.loads((verifier.run / "metrics.json").read_text())
    assert metrics["test"]["auc"] > 0.95 > 0.8 > metrics["cosine"]["auc"]
    assert Path(verifier.report()).exists()


def test_its_decision_is_the_one_that_cosine_gets_wrong(shown: tuple[dict[str, Any], list[Any]]) -> None:
    names, values = shown
    (told,) = (value for value in values if hasattr(value, "columns"))
    assert told["same"].tolist() == [1, 0]
    assert told["cosine"][0] < told["cosine"][1]
    np.testing.assert_array_equal(told["score"] >= names["verifier"].threshold, [True, False])
