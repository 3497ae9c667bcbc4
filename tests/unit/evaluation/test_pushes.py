"""What pushed a pair over the threshold: parts that add up, by the line of score on cosine."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinflow.evaluation.pushes import line, pushes


def test_a_score_that_is_a_line_in_cosine_owes_nothing_to_the_network() -> None:
    plain = np.linspace(-1, 1, 50)
    validation = pd.DataFrame({"cosine": plain, "score": 3 * plain - 2})
    np.testing.assert_allclose(line(validation, np.array([0.1, 0.9])), [-1.7, 0.7])
    flat = pd.DataFrame({"cosine": np.zeros(50), "score": plain + 4})
    np.testing.assert_allclose(line(flat, np.array([0.3])), [4])


def test_parts_add_up_and_who_helped_is_named() -> None:
    plain = np.linspace(-1, 1, 50)
    validation = pd.DataFrame({"cosine": plain, "score": 2 * plain})
    score, plain_cosine = np.array([1.5, 1.5, 0.75, -1.5, 0.25]), np.array([0.5, 0.0, 0.75, 0.5, 0.1])
    found = pushes(score, plain_cosine, 0.5, validation)
    np.testing.assert_allclose(found["from_cosine"], [0.5, -0.5, 1.0, 0.5, -0.3], atol=1e-12)
    np.testing.assert_allclose(found["from_cosine"] + found["learned"], score - 0.5)
    assert found["pushed"].tolist() == ["both", "network", "cosine", "network", "cosine"]


def test_rounding_pushes_nothing() -> None:
    plain = np.linspace(-1, 1, 50)
    score = np.float32(plain) + np.float32(7)
    found = pushes(score, plain, 7.01, pd.DataFrame({"cosine": plain, "score": plain + 7}))
    assert np.abs(found["learned"]).max() > 0
    assert set(found["pushed"]) == {"cosine"}


def test_no_pairs_have_no_parts() -> None:
    validation = pd.DataFrame({"cosine": [0.0, 1.0], "score": [0.0, 1.0]})
    assert len(pushes(np.empty(0), np.empty(0), 0.5, validation)) == 0
