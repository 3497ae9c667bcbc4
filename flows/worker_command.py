"""The command of a process that takes part in another's fit."""

from __future__ import annotations

import typer

from twinflow.imports import import_quietly
from twinflow.workers import expect_worker

command = typer.Typer()


@command.command()
def worker() -> None:
    """Take part in the fit of `twinflow train` or `resume`, run by the chief that TF_CONFIG names; write nothing."""
    from flows.interruption import interruptible

    cluster = expect_worker()
    typer.echo(f"{cluster}, waits for the chief, {cluster.chief}", err=True)
    with interruptible():
        import_quietly("twinflow.training")
        typer.echo(f"{cluster}: {take_part()}", err=True)


def take_part() -> str:
    """What this process took part in."""
    import numpy as np

    from twinflow.pairs import Pairs
    from twinflow.settings import load_settings
    from twinflow.together import taking_part
    from twinflow.training import fit

    with taking_part() as folder:
        work, settings = folder / "work", load_settings(folder / "settings.yaml")
        fitted = fit(Pairs.load(work / "train"), np.load(work / "folds.npy"), settings, checkpoint=work / "fit.npz")
    epochs, seconds = fitted.record["epochs"], fitted.record["seconds"]
    return f"took part in the fit of {folder}: {settings.head}, {epochs} epochs, {seconds:.1f} s"
