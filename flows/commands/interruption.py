"""A command that is interrupted ends at the first Ctrl-C or SIGTERM, within seconds, and its end is recorded."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from twinflow.errors import TwinflowError

SECONDS = 10  # for the end to be recorded
ENDING = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = "interrupted"
OVER = 0  # not the number of any signal


class Interrupted(TwinflowError):
    """Someone wants the command to end."""

    exit_code = 130


@contextmanager
def interruptible(message: str = INTERRUPTED) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the block; further ones are ignored.

    A process that is still there after `SECONDS` is ended, even in a call to TensorFlow that waits for another process,
    where Python runs no handler.

    Args:
        message: of the error.

    Raises:
        Interrupted: a signal ended the block.
    """
    before = {each: signal.signal(each, _end) for each in ENDING}
    heard, numbers = os.pipe()
    os.set_blocking(numbers, False)
    told_before = signal.set_wakeup_fd(numbers, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(heard, message), daemon=True).start()
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(message) from None
    finally:
        signal.set_wakeup_fd(told_before)
        os.write(numbers, bytes([OVER]))
        os.close(numbers)
        for each, handler in before.items():
            if signal.getsignal(each) is _end:
                signal.signal(each, handler)


def _watch(heard: int, message: str) -> None:
    """End the process `SECONDS` after a signal that should; the pipe `heard` has the numbers of all signals."""
    while (number := os.read(heard, 1)[0]) not in (*ENDING, OVER):
        pass
    if number == OVER:
        os.close(heard)
        return
    time.sleep(SECONDS)
    with suppress(OSError):  # nobody may hear it
        os.write(sys.stderr.fileno(), f"twinflow: {message}\n".encode())
    os._exit(Interrupted.exit_code)


def _end(number: int, frame: FrameType | None) -> None:
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
