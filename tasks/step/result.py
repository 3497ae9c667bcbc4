"""What a step hands on: a small typed document, JSON outside the process."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

J = TypeVar("J")


class Timing(BaseModel):
    """How long a step took.

    Args:
        step: its name.
        seconds: from its start to its end.
    """

    model_config = ConfigDict(frozen=True)

    step: str
    seconds: float


class StepResult(BaseModel):
    """What every step hands on.

    Args:
        step, seconds: as in `Timing`; set when the step has ended.
        said: what the step came to, for its line in the log.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    said: str = ""
    step: str = ""
    seconds: float = 0.0

    @property
    def timing(self) -> Timing:
        """How long it took."""
        return Timing(step=self.step, seconds=self.seconds)


class RunOpened(StepResult):
    """A run that was begun.

    Args:
        run: its folder.
    """

    run: str


@dataclass(frozen=True)
class Failed(Generic[J]):
    """A job of a mapped step that one of our errors ended.

    Args:
        job: what the step was given.
        error: the message.
    """

    job: J
    error: str
