"""Stdout and stderr of a command, which may be closed, or a disk or a pipe that is full."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Any, NoReturn, TextIO, cast

from twinflow.errors import TwinflowError
from twinflow.system.files import reason

PIECE = 1 << 20


class OutputError(TwinflowError):
    """What a command prints can't be written."""


class ClosedOutputError(OutputError):
    """Whoever read what a command prints wants no more; the exit code is the one of tools that SIGPIPE ends."""

    exit_code = 141


class Guarded:
    """A stream of text whose failures are dealt with here, whoever writes to it."""

    def __init__(self, stream: TextIO, failed: Callable[[OSError], None]) -> None:
        self._stream, self._failed = stream, failed

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)  # who has it writes past this stream
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text; what the encoding lacks is written as escapes."""
        encoding = self._stream.encoding or "utf-8"
        self._tried(lambda: self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding)))
        return len(text)

    def copy(self, source: IO[bytes]) -> None:
        """Write all bytes of a file, whatever the stream's encoding: data is no text for a terminal."""
        self.flush()
        while piece := source.read(PIECE):
            self._tried(partial(self._stream.buffer.write, piece))
        self.flush()

    def flush(self) -> None:
        """Write what is still buffered."""
        self._tried(self._stream.flush)

    def _tried(self, work: Callable[[], object]) -> None:
        try:
            work()
        except OSError as error:
            self._drop_rest()
            self._failed(error)

    def _drop_rest(self) -> None:
        """Let what is buffered go nowhere: Python would try to write it again at the end."""
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Have the failure of stdout raise an error of ours, and that of stderr change nothing, while the block runs.

    Raises:
        OutputError: stdout can't be written.
    """
    _open_missing()
    before = sys.stdout, sys.stderr
    with Path(os.devnull).open(encoding="utf-8") as closed:
        sys.stdout = cast(TextIO, Guarded(before[0] or closed, _raise))
        sys.stderr = cast(TextIO, Guarded(before[1] or closed, lambda _: None))
        try:
            yield
        finally:
            with suppress(OutputError):  # what ended the block counts
                sys.stdout.flush()
            sys.stdout, sys.stderr = before


def _open_missing() -> None:
    """Open what the caller has closed of the three standard files: else the next file gets the number of one."""
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:  # the least that is free
        pass
    os.close(number)


def _raise(error: OSError) -> NoReturn:
    if error.errno == errno.EPIPE:
        raise ClosedOutputError("standard output: closed by its reader") from None
    raise OutputError(f"standard output: expected a file that can be written, found {reason(error)}") from None
