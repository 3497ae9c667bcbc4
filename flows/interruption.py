"""How a command ends that is interrupted: at the first Ctrl-C or SIGTERM, in seconds, with what it did recorded."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from twinflow.errors import TwinflowError

SECONDS = 10  # to record the end in
ENDING = (signal.SIGINT, signal.SIGTERM)
GO_ON = "a training run goes on with `twinflow resume RUN`"


class Interrupted(TwinflowError):
    """Someone wants the command to end."""

    exit_code = 130


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the block; more of them change nothing.

    Raises:
        Interrupted: it did. The process ends by itself if it is still there after `SECONDS`.
    """
    before = {each: signal.signal(each, _end) for each in ENDING}
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; {GO_ON}") from None
    finally:
        for each, handler in before.items():
            if signal.getsignal(each) is _end:
                signal.signal(each, handler)


def _end(number: int, frame: FrameType | None) -> None:
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, lambda *_: os._exit(Interrupted.exit_code))
    signal.alarm(SECONDS)
    raise KeyboardInterrupt
