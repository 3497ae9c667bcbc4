"""What ends a fit of several processes, and how it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinflow.errors import WorkersError
from twinflow.training.distributed.cluster import Cluster
from twinflow.training.distributed.scope import _losses_reported


def test_what_ends_a_fit_is_said_with_how_it_goes_on(tmp_path: Path) -> None:
    cluster = Cluster(("a:1", "b:2"), 0)
    expected = "^model.keras: expected what can be read and written, found No space left on device; "
    go_on = f"`twinflow resume {tmp_path}` goes on$"
    with pytest.raises(WorkersError, match=expected + go_on), _losses_reported(cluster, tmp_path):
        raise OSError(28, "No space left on device", "model.keras")
