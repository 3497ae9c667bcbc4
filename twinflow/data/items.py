"""The items of pairs: which of their vectors are copies of each other."""

import numpy as np

from twinflow.data.copies import number_items, number_traces, traces
from twinflow.data.pairs import Pairs
from twinflow.statistics.arrays import Ints, Vectors
from twinflow.statistics.items import Items

IDENTIFYING = 8  # places that a vector is known by where hardly any is whole


def number_sides(*pairs: Pairs) -> list[Ints]:
    """Give copies equal numbers, over the left and right vectors of all `pairs` together; see `number_items`."""
    return number_traces([side for each in pairs for side in each.both(traces)])


def items_of_pairs(pairs: Pairs) -> Items:
    """Number the vectors of pairs; where cells are missing, by the places that are whole."""
    missing = [np.count_nonzero(~np.isfinite(side), axis=0) for side in (pairs.left, pairs.right)]
    places = np.argsort(missing[0] + missing[1], kind="stable")
    whole = int(np.count_nonzero(missing[0] + missing[1] == 0))
    if whole < len(places):
        places = places[: max(whole, IDENTIFYING)]
        return Items(*number_items(pairs.left[:, places], pairs.right[:, places]))
    return Items(*number_sides(pairs))


def items_of_traces(*sides: tuple[Vectors, Vectors]) -> list[Items]:
    """Number the vectors of several files over all of them together, by the `traces` of either side."""
    numbers = number_traces([known for left_right in sides for known in left_right])
    return [Items(*numbers[i : i + 2]) for i in range(0, len(numbers), 2)]
