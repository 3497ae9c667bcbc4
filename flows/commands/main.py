"""The command line: its commands, and how an error ends it."""

import logging
import os
import sys
from typing import NoReturn

import typer

from flows.commands import (
    audit,
    batch,
    calibrate,
    compare,
    convert,
    monitor,
    reports,
    runs,
    score,
    setup,
    train,
    up,
    worker,
)
from flows.serving.server import LostServerError
from twinflow.errors import SettingsError, TwinflowError, WorkersError
from twinflow.system.files import printable
from twinflow.system.versions import check_versions

app = typer.Typer(
    help="Learn from labelled pairs of vectors whether two items are the same.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # the steps are shown as lines of ours
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",  # what a lost server was not told is said in lines of ours
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "DO_NOT_TRACK": "1",
    "PYTHONSAFEPATH": "1",  # children of any library import nothing from the working folder
}

for group in (setup, audit, convert, train, compare, score, calibrate, monitor, batch, worker, up, runs, reports):
    app.add_typer(group.commands)


def main() -> None:
    """Run the command line; an error of ours, or of a file or disk, is one message and an exit code, no traceback."""
    os.environ.update({key: value for key, value in QUIET.items() if key not in os.environ})
    logging.raiseExceptions = False  # a line of log that can't be sent is no news beside what could not be recorded
    try:
        check_versions()
        for argument in sys.argv[1:]:
            if not (text := printable(argument)) == argument:  # a path that could stand in no document and no report
                raise SettingsError(f"{text}: expected text in the encoding UTF-8, found bytes that are none")
        app()
    except TwinflowError as error:
        _end(str(error), error.exit_code, now=isinstance(error, LostServerError | WorkersError))
    except OSError as error:
        if error.filename is None:
            raise
        _end(f"{error.filename}: expected a file or folder that can be used, found {error.strerror}", 1)


def _end(message: str, exit_code: int, *, now: bool = False) -> NoReturn:
    """End with a message; `now`: without a wait for threads that have something to do still."""
    typer.echo(f"twinflow: {printable(message)}", err=True)
    if now:
        sys.stdout.flush()
        os._exit(exit_code)
    sys.exit(exit_code)
