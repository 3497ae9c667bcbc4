"""How a flow ends that one of our errors ended: as failed, with the message."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows.serving.holding import hold_run
from twinflow.errors import TwinflowError
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
