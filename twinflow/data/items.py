"""The items of pairs: which of their vectors are equal."""

import numpy as np

from twinflow.data.hashing import hash_vectors, number_hashes, number_items
from twinflow.data.pairs import Pairs
from twinflow.statistics.arrays import Hashes, Ints
from twinflow.statistics.items import Items

IDENTIFYING = 8  # places that a vector is known by where hardly any is whole


def number_sides(*pairs: Pairs) -> list[Ints]:
    """Give equal vectors equal numbers, over the left and right ones of all `pairs` together; see `number_items`."""
    return number_hashes([side for each in pairs for side in each.both(hash_vectors)])


def items_of_pairs(pairs: Pairs) -> Items:
    """Number the vectors of pairs; where cells are missing, by the places that are whole."""
    missing = [np.count_nonzero(~np.isfinite(side), axis=0) for side in (pairs.left, pairs.right)]
    places = np.argsort(missing[0] + missing[1], kind="stable")
    whole = int(np.count_nonzero(missing[0] + missing[1] == 0))
    if whole < len(places):
        places = places[: max(whole, IDENTIFYING)]
        return Items(*number_items(pairs.left[:, places], pairs.right[:, places]))
    return Items(*number_sides(pairs))


def items_of_hashes(*sides: tuple[Hashes, Hashes]) -> list[Items]:
    """Number the vectors of several files over all of them together, by the hashes (n_i, 2) of either side."""
    numbers = number_hashes([hashes for left_right in sides for hashes in left_right])
    return [Items(*numbers[i : i + 2]) for i in range(0, len(numbers), 2)]
