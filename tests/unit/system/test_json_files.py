"""JSON as it is written."""

from pathlib import Path

import pytest

from twinflow.system.json_files import write_json


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_has_no_word_for_what_is_not_finite(tmp_path: Path, number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"auc": number})
    assert not list(tmp_path.iterdir())
