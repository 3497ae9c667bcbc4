"""The profile: bounded, read back as written, and fair to training pairs and new ones alike."""

import numpy as np
import pytest

from tests.helpers.reloaded import reloaded
from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sample_rows
from twinflow.errors import ArtifactError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.monitoring.member_view import COMPONENTS, draw_members
from twinflow.monitoring.profile import SAMPLE_ROWS, Profile, check_against, make_profile

WIDTH = 12


def draw(rng, rows):
    base = rng.normal(size=(rows, WIDTH))
    sides = [(base + rng.normal(size=(rows, WIDTH))).astype(np.float32) for _ in range(2)]
    return Pairs(*sides, rng.integers(0, 2, rows).astype(np.int8))


@pytest.fixture(scope="module")
def network():
    made = TwinNetwork("euclidean", HEADS["euclidean"].network, WIDTH, members=3)
    for variable in made.trainable_variables:  # members that differ in scale as well
        if "kernel" in variable.path:
            variable.assign(variable * np.array([0.8, 1.0, 1.3])[:, None, None])
    return reloaded(made)


@pytest.fixture(scope="module")
def pairs():
    return draw(np.random.default_rng(0), 3000)


@pytest.fixture(scope="module")
def profile(network, pairs):
    return make_profile(network, pairs, np.arange(3000) % 3, 0)


def test_it_is_bounded_and_counts_all(profile, pairs):
    assert len(profile.pairs) == SAMPLE_ROWS
    assert (profile.rows, profile.same) == (3000, pairs.label.sum())
    assert profile.view.left.shape == (SAMPLE_ROWS, COMPONENTS)


def test_it_comes_back_as_written_and_does_not_grow(profile, network, tmp_path):
    profile.save(tmp_path / "profile.npz")
    found = Profile.load(tmp_path / "profile.npz")
    for name in ("left", "right", "label"):
        np.testing.assert_array_equal(getattr(found.pairs, name), getattr(profile.pairs, name))
    np.testing.assert_array_equal(found.view.scores, profile.view.scores)
    np.testing.assert_array_equal(found.axes.axes, profile.axes.axes)
    assert (found.rows, found.same) == (profile.rows, profile.same)
    larger = draw(np.random.default_rng(1), 12_000)
    make_profile(network, larger, np.arange(12_000) % 3, 0).save(tmp_path / "larger.npz")
    sizes = [(tmp_path / name).stat().st_size for name in ("profile.npz", "larger.npz")]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.02)


def test_each_pair_is_seen_by_its_member_alone(profile, network, pairs):
    kept = sample_rows(3000, SAMPLE_ROWS, 0)
    scores = np.asarray(network.member_scores(pairs.left[kept], pairs.right[kept]))
    np.testing.assert_allclose(profile.view.scores, scores[kept % 3, np.arange(len(kept))], atol=1e-5)
    for member in range(3):
        components = np.concatenate([side[kept % 3 == member] for side in (profile.view.left, profile.view.right)])
        np.testing.assert_allclose(components.mean(axis=0), 0, atol=1e-3)
        np.testing.assert_allclose(components.std(axis=0), 1, atol=1e-3)


def test_new_pairs_of_the_same_kind_raise_no_alarm(profile, network):
    """The mean over members spreads less than one member: against it, the scores would seem to have moved."""
    alarms, means = 0, 0
    for seed in range(20):
        new = draw(np.random.default_rng(100 + seed), 800)
        found, view = check_against(profile, network, new, PairColumns(WIDTH), -1.0)
        alarms += found["verdict"] == "drift"
        means += np.std(network.scores(new.left, new.right)) < np.std(view.scores)
    assert alarms <= 3  # at a rate of 0.05, more come up once in 60 tests; the measured rate is 0.02
    assert means == 20


def test_moved_embeddings_are_found(profile, network):
    new = draw(np.random.default_rng(7), 1500)

    moved = Pairs(new.left * 3, new.right * 3, new.label, new.ids)
    found, _ = check_against(profile, network, moved, PairColumns(WIDTH), -1.0)
    assert found["embeddings"]["drifted"]
    assert found["scores"]["drifted"]


def test_pairs_with_holes_are_seen_by_no_member(network, profile):
    new = draw(np.random.default_rng(9), 300)
    new.left[::2, 3] = np.nan
    assert (draw_members(3, new)[::2] == -1).all()
    found, view = check_against(profile, network, new, PairColumns(WIDTH), -1.0)
    assert np.isnan(view.scores[::2]).all()
    assert np.isfinite(view.scores[1::2]).all()
    assert found["columns"][3]["state"] == "incomplete"


@pytest.mark.parametrize("head", ["anchored", "cosine", "logistic"])
def test_heads_with_and_without_towers_have_profiles(head, pairs):
    made = TwinNetwork(head, HEADS[head].network, WIDTH, members=3)
    made.adapt(pairs)
    found = make_profile(reloaded(made), pairs, np.arange(3000) % 3 - 1, 0)
    assert np.isnan(found.view.scores).mean() == pytest.approx(1 / 3, abs=0.05)
    kept = ~np.isnan(found.view.scores)
    assert np.isfinite(found.view.left[kept]).all()


def test_what_is_no_profile_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="found no such file"):
        Profile.load(tmp_path / "profile.npz")
    (tmp_path / "profile.npz").write_bytes(b"PK not a zip")
    with pytest.raises(ArtifactError, match="expected the profile of a run's training pairs"):
        Profile.load(tmp_path / "profile.npz")
