"""The command line."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from flows.commands.batch import command as batch
from flows.commands.operations import operations
from flows.commands.options import Config, Json, Runs, Server, Set
from flows.commands.worker import command as worker
from flows.serving.server import LostServerError
from twinflow.errors import EXIT_FINDING, SettingsError, TwinflowError, WorkersError
from twinflow.system.files import printable, real
from twinflow.system.versions import check_versions
from twinflow.training.distributed.cluster import expect_chief

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
}


@app.command()
def train(
    train: Annotated[Path, typer.Option(help="Labelled pairs to learn from, CSV or Parquet.")],
    test: Annotated[Path, typer.Option(help="Labelled pairs that only judge.")],
    config: Config = None,
    set_: Set = [],  # noqa: B006 (typer copies it)
    runs: Runs = Path("runs"),
    name: Annotated[str | None, typer.Option(help="A word to find the run by.")] = None,
    server: Server = True,
    json: Json = False,
) -> None:
    """Train, calibrate, test and report a model, and publish it as RUNS/current; exit code 3 if it is turned away."""
    from flows.commands.console import run_flow, show
    from flows.summary import table
    from twinflow.settings import load_settings

    expect_chief()
    settings = load_settings(config, set_)
    parameters: dict[str, Any] = {"train": str(train), "test": str(test), "runs": str(runs), "name": name}
    outcome = run_flow("flows.train:train", {**parameters, "settings": settings}, server=server)
    show(outcome, table, as_json=json)
    if outcome["state"] == "rejected":
        raise typer.Exit(EXIT_FINDING)


@app.command()
def resume(
    run: Annotated[Path, typer.Argument(help="Folder of a training run that was interrupted.")],
    server: Server = True,
    json: Json = False,
) -> None:
    """Finish a training run whose process is gone, with the figures that it would have had; exit code 3 as `train`."""
    from flows.commands.console import run_flow, show
    from flows.summary import table
    from twinflow.runs.unfinished import begun

    expect_chief()
    folder = real(run)
    os.chdir(begun(folder)["directory"])  # the paths of its files start there
    outcome = run_flow("flows.resume:resume", {"run": str(folder)}, server=server)
    show(outcome, table, as_json=json)
    if outcome["state"] == "rejected":
        raise typer.Exit(EXIT_FINDING)


@app.command()
def compare(
    train: Annotated[Path, typer.Option(help="Labelled pairs to learn from, CSV or Parquet.")],
    test: Annotated[Path, typer.Option(help="Labelled pairs that only judge.")],
    systems: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Names of heads.", show_default="all there are")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Fits of each system that has chance in it.")] = 5,
    config: Config = None,
    set_: Set = [],  # noqa: B006
    runs: Runs = Path("runs"),
    server: Server = True,
    json: Json = False,
) -> None:
    """Fit every system on the same split, and answer from your own data which one to use."""
    from flows.commands.console import run_flow, show
    from flows.summary import comparison_table
    from twinflow.models.heads.registry import HEADS
    from twinflow.settings import load_settings

    chosen = list(HEADS) if systems is None else [name.strip() for name in systems.split(",")]
    parameters: dict[str, Any] = {"train": str(train), "test": str(test), "systems": chosen, "seeds": seeds}
    outcome = run_flow(
        "flows.compare:compare",
        {**parameters, "settings": load_settings(config, set_), "runs": str(runs)},
        server=server,
    )
    show(outcome, comparison_table, as_json=json)


@app.command()
def score(
    pairs: Annotated[Path, typer.Option(help="Pairs to score, CSV or Parquet; a label is not needed.")],
    out: Annotated[Path, typer.Option(help="Where to write one row a pair: .csv or .parquet.")],
    model: Annotated[Path, typer.Option(help="Folder of a published run.")] = Path("runs/current"),
    prior: Annotated[
        float | None,
        typer.Option(help="Share of same pairs there, for the probabilities.", show_default="as in calibration"),
    ] = None,
) -> None:
    """Score pairs with a published model: score, probability and decision for each row."""
    from twinflow.scoring.files import score_file
    from twinflow.scoring.verifier import load

    verifier = load(model)
    rows = score_file(verifier if prior is None else verifier.at_prior(prior), pairs, out)
    typer.echo(f"{rows:,} pairs scored: {out}", err=True)


@app.command()
def monitor(
    current: Annotated[Path, typer.Option(help="New pairs, CSV or Parquet; labels are used where there are any.")],
    model: Annotated[Path, typer.Option(help="Folder of a published run.")] = Path("runs/current"),
    out: Annotated[
        Path | None, typer.Option(help="Folder that keeps the checks.", show_default="`monitor` beside the run")
    ] = None,
    server: Server = True,
    json: Json = False,
) -> None:
    """Check whether new pairs have moved away from those the model was trained on; exit code 3 if they have."""
    from flows.commands.console import print_json, run_flow, show
    from flows.summary import check_table
    from twinflow.monitoring import bad_delivery

    parameters = {"current": str(current), "model": str(model), "out": None if out is None else str(out)}
    outcome = run_flow("flows.monitor:monitor", parameters, meanwhile="twinflow.monitoring.check", server=server)
    if outcome["verdict"] == bad_delivery.VERDICT:
        print_json(outcome) if json else typer.echo(f"report  {outcome['report']}")
        raise bad_delivery.error_of(outcome["problems"])
    show(outcome, check_table, as_json=json)
    if outcome["verdict"] == "drift":
        raise typer.Exit(EXIT_FINDING)


@app.command()
def calibrate(
    model: Annotated[Path, typer.Option(help="Folder of the run whose network is used.")] = Path("runs/current"),
    pairs: Annotated[
        Path | None,
        typer.Option(help="Labelled pairs new to the network.", show_default="the run's own validation scores"),
    ] = None,
    objective: Annotated[str | None, typer.Option(help="As `--set objective=…`.", show_default="as before")] = None,
    set_: Set = [],  # noqa: B006
    runs: Annotated[Path | None, typer.Option(help="Folder for the new run.", show_default="beside the model")] = None,
    name: Annotated[str | None, typer.Option(help="A word to find the run by.")] = None,
    server: Server = True,
    json: Json = False,
) -> None:
    """Choose another threshold for a trained network, and publish it as a run of its own; exit code 3 as `train`."""
    from flows.commands.console import run_flow, show
    from flows.summary import table
    from twinflow.settings import read_overrides

    changes = {**read_overrides(set_), **({"objective": objective} if objective else {})}
    parameters = {"model": str(model), "pairs": pairs and str(pairs), "runs": runs and str(runs), "name": name}
    outcome = run_flow("flows.calibrate:calibrate", {**parameters, "changes": changes}, server=server)
    show(outcome, table, as_json=json)
    if outcome["state"] == "rejected":
        raise typer.Exit(EXIT_FINDING)


@app.command()
def audit(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Labelled pairs, CSV or Parquet.")],
    config: Config = None,
    set_: Set = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Look into files of pairs for what misleads: repeats, both labels, items in two files, odd vectors."""
    from flows.commands.audit_files import audit_paths, tables
    from flows.commands.console import print_json, print_tables
    from twinflow.settings import load_settings

    found = audit_paths(dict.fromkeys(files), load_settings(config, set_).columns)
    if json:
        print_json(found)
    else:
        print_tables(tables(found), found["warnings"])


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")] = Path("runs/current"),
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Say where the report of a run is, and that it is as it was written."""
    from twinflow.runs.folder import check_run

    path = check_run(run, "report.html") / "report.html"
    typer.echo(path)
    if open_:
        typer.launch(path.as_uri())


@app.command()
def reports(
    runs: Runs = Path("runs"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 4280,
) -> None:
    """Serve the reports of all runs and checks, read-only, on 127.0.0.1, until stopped."""
    from flows.serving.report_server import ReportServer

    with ReportServer(runs, port) as server:
        typer.echo(server.url)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


@app.command()
def convert(
    pairs: Annotated[str, typer.Argument(metavar="IN", help="Pairs: CSV, Parquet, a folder of them, or compact.")],
    out: Annotated[str, typer.Argument(metavar="OUT", help="NAME.csv, .csv.gz, .parquet, .parquet/, or NAME.")],
    config: Config = None,
    set_: Set = [],  # noqa: B006
) -> None:
    """Write pairs in another form, number for number: wide CSV or Parquet, a folder of Parquet files, or compact."""
    from flows.commands.convert_pairs import convert_pairs
    from twinflow.settings import load_settings

    rows = convert_pairs(pairs, out, load_settings(config, set_).columns)
    typer.echo(f"{rows:,} pairs written: {out}", err=True)


@app.command()
def example(folder: Annotated[Path, typer.Argument(help="Where to write train.csv and test.csv.")]) -> None:
    """Write the bundled sample: pairs of spoken digits, same digit or not."""
    from twinflow.examples.sample import write_sample

    for path in write_sample(folder):
        typer.echo(path)


@app.command()
def settings(config: Config = None, set_: Set = []) -> None:  # noqa: B006
    """Print the settings, with a comment a line that says what each does."""
    from twinflow.settings import load_settings, settings_yaml

    typer.echo(settings_yaml(load_settings(config, set_)), nl=False)


app.add_typer(batch)
app.add_typer(operations)
app.add_typer(worker)


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
