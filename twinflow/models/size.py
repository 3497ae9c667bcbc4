"""How large a network may be: what is beyond these bounds is a mistake or an attack, and would take all memory."""

from math import prod

from twinflow.models.heads.head import Head
from twinflow.models.network_settings import NetworkSettings

WIDEST_SIDE = 100_000  # numbers a vector: eight times the widest embeddings in use; a row of a CSV file has 2 MB then
WIDEST_LAYER = 100_000  # units: beyond it a layer behind itself has more than `MOST_WEIGHTS`
MOST_LAYERS = 32  # far more than a tower without shortcuts can be trained with
MOST_MEMBERS = 20
LARGEST_BATCH = 1 << 16  # pairs: what the default network makes of so many on the way takes some 4 GiB
MOST_WEIGHTS = 1 << 30  # numbers over all members: 4 GiB in a file, five times that in a fit
NUMBER = 4  # bytes
HELD = 5  # a weight, its gradient, two moments of the optimizer, and the best so far


def check_size(head: Head, settings: NetworkSettings, side_width: int, members: int) -> None:
    """Check that a network has a size that a machine can have memory for.

    Raises:
        ValueError: a number is out of its bounds, or no whole number, or the network has too many weights.
    """
    _check("side_width", side_width, WIDEST_SIDE)
    _check("members", members, MOST_MEMBERS)
    _check("layers in units", len(settings.units), MOST_LAYERS)
    for width in settings.units:
        _check("units", width, WIDEST_LAYER)
    if (found := _weights(head, settings, side_width, members)) > MOST_WEIGHTS:
        raise ValueError(
            f"side_width, units, folds: expected a network of at most {MOST_WEIGHTS:,} weights, found {found:,}"
        )


def least_bytes(head: Head, settings: NetworkSettings, side_width: int, members: int, rows: int) -> int:
    """Memory that a fit to so many rows takes at the least: its weights, and a batch on its way through the tower."""
    widths = 2 * (2 * side_width + sum(settings.units))  # both sides, and what the gradient needs of each layer
    batch = min(settings.batch_size, rows) * members * widths
    return NUMBER * (HELD * _weights(head, settings, side_width, members) + batch)


def _weights(head: Head, settings: NetworkSettings, side_width: int, members: int) -> int:
    return sum(map(prod, head.forward.shapes(settings, side_width, members).values()))


def _check(name: str, value: object, most: int) -> None:
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"{name}: expected a whole number from 1 to {most:,}, found {value!r:.40}")
