"""The command line: its commands, and how an error ends it."""

import logging
import os
import sys
from contextlib import suppress
from typing import Annotated, Any, NoReturn

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
from flows.commands.printing import escaped, say
from flows.commands.streams import ClosedOutputError, guarded_streams
from flows.serving.server import LostServerError
from twinflow import __version__
from twinflow.errors import SettingsError, TwinflowError, WorkersError
from twinflow.system.files import printable, trouble
from twinflow.system.permissions import private_files
from twinflow.system.versions import check_versions

app = typer.Typer(
    help="Learn from labelled pairs of vectors whether two items are the same.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

UsageError: Any = typer.BadParameter.__base__  # typer brings its own of click, or has click's
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


def _tell_version(*, asked: bool) -> None:
    if asked:
        say(f"twinflow {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Say the version, and end.")
    ] = False,
) -> None:
    """What the commands share: nothing but the version."""


def main() -> None:
    """Run the command line; an error of ours, or of a file or disk, is one message and an exit code, no traceback."""
    os.environ.update({key: value for key, value in QUIET.items() if key not in os.environ})
    logging.raiseExceptions = False  # a line of log that can't be sent is no news beside what could not be recorded
    with guarded_streams():
        try:
            check_versions()
            for argument in sys.argv[1:]:
                if not (text := printable(argument)) == argument:  # a path that could stand in no document, no report
                    raise SettingsError(f"{text}: expected text in the encoding UTF-8, found bytes that are none")
            with private_files():
                exit_code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
            sys.stdout.flush()
        except ClosedOutputError as error:
            sys.exit(error.exit_code)
        except TwinflowError as error:
            _end(str(error), error.exit_code, now=isinstance(error, LostServerError | WorkersError))
        except UsageError as error:
            told = error.format_message().rstrip(".")
            _end(f"{told}{' ' if told.endswith('?') else '; '}`twinflow COMMAND --help` says what there is", 2)
        except OSError as error:
            _end(trouble(error), 1)
        sys.exit(exit_code)


def _end(message: str, exit_code: int, *, now: bool = False) -> NoReturn:
    """End with a message; `now`: without a wait for threads that have something to do still."""
    sys.stderr.write(f"twinflow: {escaped(message)}\n")
    if now:
        with suppress(TwinflowError):
            sys.stdout.flush()
        os._exit(exit_code)
    sys.exit(exit_code)
