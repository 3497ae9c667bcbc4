"""The command of a process that takes part in another's fit."""

import typer

from twinflow.runs import files
from twinflow.system.imports import import_quietly
from twinflow.training.distributed.cluster import Cluster, expect_worker

commands = typer.Typer()


@commands.command()
def worker() -> None:
    """Take part in the fit of `twinflow train` or `resume`, run by the chief that TF_CONFIG names; write nothing."""
    from flows.commands.interruption import interruptible

    cluster = expect_worker()
    warn_of_ports(cluster)
    typer.echo(f"{cluster}, waits for the chief, {cluster.chief}", err=True)
    with interruptible():
        import_quietly("twinflow.training.fit")
        typer.echo(f"{cluster}: {take_part()}", err=True)


def warn_of_ports(cluster: Cluster | None) -> None:
    """Say what a cluster's ports expose, if there is a cluster, and they do."""
    if cluster and cluster.warning:
        typer.echo(cluster.warning, err=True)


def take_part() -> str:
    """What this process took part in."""
    import numpy as np

    from twinflow.data.pair_store import load_kept
    from twinflow.settings import load_settings
    from twinflow.training.distributed.scope import taking_part
    from twinflow.training.fit import fit

    with taking_part() as folder:
        work, settings = folder / files.WORK, load_settings(folder / files.SETTINGS)
        pairs, folds = load_kept(work / "train"), np.load(work / files.FOLDS)
        fitted = fit(pairs, folds, settings, checkpoint=work / files.CHECKPOINT)
    epochs, seconds = fitted.record["epochs"], fitted.record["seconds"]
    return f"took part in the fit of {folder}: {settings.head}, {epochs} epochs, {seconds:.1f} s"
