"""Equal vectors and equal pairs are known by their numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinflow.data.copies import number_items
from twinflow.data.hashing import number_pairs


def test_equal_vectors_have_equal_numbers():
    random = np.random.default_rng(0)
    bank = random.normal(size=(500, 200)).astype("float32")
    places = random.integers(500, size=(2, 4000))
    left, right = number_items(bank[places[0]], bank[places[1]])
    numbers = np.concatenate([left, right])
    known = pd.DataFrame({"place": places.ravel(), "number": numbers}).drop_duplicates()
    assert known["place"].is_unique
    assert known["number"].is_unique
    assert left[0] == 0  # by first appearance
    assert numbers.max() == len(known) - 1


def test_places_tell_vectors_apart_and_the_sign_of_zero_does_not():
    swapped = np.array([[1, 2, 3], [2, 1, 3]], np.float32)
    assert number_items(swapped)[0].tolist() == [0, 1]
    assert number_items(np.array([[0.0, -0.0], [-0.0, 0.0]], np.float32))[0].tolist() == [0, 0]


def test_all_vectors_that_differ_in_few_bits_differ():
    vectors = np.array([[a, b, c] for a in range(20) for b in range(20) for c in range(20)], np.float32)
    assert len(np.unique(number_items(vectors)[0])) == 8000


def test_pairs_are_known_either_way_round():
    assert number_pairs(np.array([0, 1, 0, 2, 2]), np.array([1, 0, 2, 0, 2])).tolist() == [0, 0, 1, 1, 2]
