"""How a flow ends when an input, a setting or a fit is refused: as failed, with the message, leaving nothing behind."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec

from prefect.client.schemas.objects import State
from prefect.states import Failed

from twinflow.artifacts import discard_run
from twinflow.errors import TwinflowError

P = ParamSpec("P")


def plain_refusals(function: Callable[P, dict[str, Any]]) -> Callable[P, dict[str, Any] | State[Any]]:
    """Let a flow end as failed with the message of our error as its state, and no traceback in its log."""

    @functools.wraps(function)
    def plain(*args: P.args, **kwargs: P.kwargs) -> dict[str, Any] | State[Any]:
        try:
            return function(*args, **kwargs)
        except TwinflowError as error:
            return Failed(message=str(error), data=error)

    return plain


@contextmanager
def discarded_if_refused(run: Path) -> Iterator[None]:
    """Remove the run's folder when one of our errors ends the block; another error leaves it for a retry to finish."""
    try:
        yield
    except TwinflowError:
        discard_run(run)
        raise
