"""What a head is: a network under a name, with the settings it was made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinflow.models.layers import Scorer
    from twinflow.models.numpy_layers import Forward
from twinflow.models.network_settings import Loss, NetworkSettings


@dataclass(frozen=True)
class Head:
    """A named system: how its network is built, and what it can be trained with.

    Args:
        name: the name in the settings.
        summary: one line for people.
        defaults: the settings it was made for, which those of a run may change.
        losses: the losses its output can be trained with.
        build: (settings, side_width, members, seed) → the untrained layer that scores; imports keras when called.
        forward: the same in numpy, for scoring.
        seedless: chance has no part in the fit, so that every seed gives the same weights.
        unused: names of `NetworkSettings` settings that mean nothing to this head.
        in_memory: the fit holds the vectors of all pairs at once.
        negative_distance: the score is minus an output that is trained as a distance but may fall below 0.
    """

    name: str
    summary: str
    defaults: NetworkSettings
    losses: tuple[Loss, ...]
    build: Callable[[NetworkSettings, int, int, int], Scorer]
    forward: type[Forward]
    seedless: bool = False
    unused: tuple[str, ...] = ()
    in_memory: bool = False
    negative_distance: bool = False

    def check(self, settings: NetworkSettings) -> None:
        """Raise ValueError where `settings` ask this head for what can't work."""
        for name in self.unused:
            if getattr(settings, name) != getattr(self.defaults, name):
                raise ValueError(f"{name}: expected none with head {self.name!r}, found {getattr(settings, name)!r}")
        if settings.loss not in self.losses:
            raise ValueError(
                f"loss: expected {' or '.join(self.losses)} with head {self.name!r}, found {settings.loss!r}"
            )
