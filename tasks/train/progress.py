"""What a person sees while the network is trained."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tasks.step.records import record

if TYPE_CHECKING:
    from keras.callbacks import Callback

UI_SECONDS = 2.0
DESCRIPTION = "Epochs, of the most there can be"


@contextmanager
def epochs_shown() -> Iterator["Callback"]:
    """A bar on stderr that follows the epochs, and one in the Prefect UI that is moved every two seconds."""
    from keras.callbacks import LambdaCallback

    artifact = record(create_progress_artifact, progress=0.0, key="fit", description=DESCRIPTION)
    told = time.monotonic()

    def shown(percent: float) -> UUID | None:
        """The bar in the UI, moved; None where the server is lost."""
        moved = record(update_progress_artifact, artifact, progress=percent, description=DESCRIPTION)
        return cast(UUID | None, moved)

    losses = TextColumn(
        "epoch {task.fields[epoch]}  loss {task.fields[loss]:.4f}  val_loss {task.fields[val_loss]:.4f}"
    )
    console = Console(stderr=True)
    with Progress(
        losses, BarColumn(), TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        bar = progress.add_task("fit", epoch=0, loss=float("nan"), val_loss=float("nan"), visible=False)

        def on_epoch_end(epoch: int, logs: dict[str, Any]) -> None:
            nonlocal told, artifact
            done, epochs = epoch + 1, follower.params["epochs"]
            number = epoch + follower.params["first"]  # as in the history, where the untrained network may be epoch 0
            progress.update(bar, total=epochs, completed=done, epoch=number, visible=True, **logs)
            if artifact and time.monotonic() - told > UI_SECONDS:
                artifact = shown(100 * done / epochs)
                told = time.monotonic()

        follower = LambdaCallback(on_epoch_end=on_epoch_end)
        yield follower
    if artifact:
        shown(100.0)
