"""How a flow ends that one of our errors ended: as failed, with the message, and without the run's folder."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec

from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows.serving.holding import hold_run
from twinflow.errors import TwinflowError, WorkersError
from twinflow.runs import files
from twinflow.runs.folder import discard_run
from twinflow.runs.locks import working_on
from twinflow.system.untrusted import harmless

P = ParamSpec("P")


def plain_refusals(function: Callable[P, State[Any]]) -> Callable[P, State[Any]]:
    """Decorate a flow so that an error of ours ends it as failed, with the message as its state and no traceback.

    What the message has from a file is no more than text there, whoever the state is sent to. Whoever looks can tell
    from then on whether its process lives.
    """

    @functools.wraps(function)
    def plain(*args: P.args, **kwargs: P.kwargs) -> State[Any]:
        hold_run()
        try:
            return function(*args, **kwargs)
        except TwinflowError as error:
            return Failed(message=harmless(str(error)), data=error)

    return plain


@contextmanager
def under_way(run: Path) -> Iterator[None]:
    """Be the only process that works on a run for as long as the block runs; nobody removes its folder meanwhile.

    An error of ours that ends the block removes the folder, unless the run is finished. Another error, or the loss of a
    worker, leaves it for a retry or `twinflow resume`.
    """
    with working_on(run):
        try:
            yield
        except WorkersError:
            raise
        except TwinflowError:
            if not (run / files.MANIFEST).exists():
                discard_run(run)
            raise
