"""Scoring by numpy: for every head equal to the Keras network, in chunks, from both sides, encoded once."""

from __future__ import annotations

import itertools
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from tests.helpers.reloaded import reloaded
from twinflow.data.pairs import Pairs
from twinflow.errors import ArtifactError
from twinflow.models import numpy_layers, scoring_network
from twinflow.models.heads.boosting_layer import DEPTH, BoostingScorer
from twinflow.models.heads.boosting_numpy import LEAVES
from twinflow.models.heads.registry import HEADS
from twinflow.models.layers import pair_features
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import load_network
from twinflow.training.trainers.boosting import plant

WIDTH, MEMBERS, ROWS = 12, 3, 150
WHOLE = "anchored with all its parts"


def vectors(rows: int = ROWS, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.random.default_rng(seed).normal(2, 3, size=(2, rows, WIDTH)).astype(np.float32))


def grown(layer: BoostingScorer) -> list[Callable[[np.ndarray], np.ndarray]]:
    """Plant trees in a layer, each member's grown on features of its own; their decision functions."""
    random, features = np.random.default_rng(3), np.asarray(pair_features(*vectors(400, seed=4)))
    models, columns = [], []
    for _ in range(MEMBERS):
        chosen = random.permutation(features.shape[1])[:9]
        odds = (features[:, chosen] / features[:, chosen].std(axis=0)).sum(axis=1)
        label = odds + random.normal(size=400) > np.median(odds)
        model = HistGradientBoostingClassifier(
            max_iter=8, max_leaf_nodes=LEAVES, max_depth=DEPTH, min_samples_leaf=3, early_stopping=False
        )
        with threadpool_limits(1, "openmp"):
            models.append(model.fit(features[:, chosen], label))
        columns.append(chosen)
    plant(layer, models, columns)
    return [lambda seen, m=m, c=c: m.decision_function(seen[:, c]) for m, c in zip(models, columns, strict=True)]


@pytest.fixture(scope="module", params=[*sorted(HEADS), WHOLE])
def network(request: pytest.FixtureRequest) -> TwinNetwork:
    """A network whose every weight is random, as after a fit."""
    head = request.param.split()[0]
    made = TwinNetwork(head, HEADS[head].defaults.changed({"units": (16, 8)}), WIDTH, MEMBERS, seed=1)
    made.adapt(Pairs(*vectors(200, seed=1)))
    random = np.random.default_rng(2)
    for variable in made.trainable_variables:
        variable.assign(variable + random.normal(0, 0.1, variable.shape))
    if head == "boosting":
        grown(made.scorer)
    if request.param == WHOLE:
        grown(made.scorer.trees)
        for name, value in (("network_gain", 1.3), ("distance_gain", 0.9), ("tree_gain", 0.7), ("score_offset", 0.2)):
            getattr(made.scorer, name).assign([value])
    return made


@pytest.fixture(scope="module")
def scoring(network: TwinNetwork) -> scoring_network.ScoringNetwork:
    return reloaded(network)


def close(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_less(np.abs(found - expected) / np.maximum(1, np.abs(expected)), 1e-5)


def test_scores_of_a_file_are_the_same_to_the_last_bit_however_it_is_cut(network: TwinNetwork) -> None:
    numpy, (left, right) = reloaded(network), vectors(1200)
    whole = numpy.independent_scores(left, right)
    np.testing.assert_allclose(whole, numpy.scores(left, right), atol=1e-5)
    for cuts in ([0, 1, 1200], [0, 0, 400, 800, 1200], [0, 511, 512, 1025, 1200]):
        parts = [numpy.independent_scores(left[a:b], right[a:b], a) for a, b in itertools.pairwise(cuts)]
        assert (np.concatenate(parts) == whole).all()


@pytest.mark.parametrize(("said", "cores"), [("1", 1), ("3", 3), ("", None)])
def test_it_takes_as_many_cores_as_it_may(said: str, cores: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert scoring_network._cores() == (cores or len(os.sched_getaffinity(0)))


def test_scores_are_those_of_keras(network: TwinNetwork, scoring: scoring_network.ScoringNetwork) -> None:
    found, expected = scoring.member_scores(*vectors()), np.asarray(network.member_scores(*vectors()))
    assert found.shape == (MEMBERS, ROWS)
    assert found.dtype == scoring.scores(*vectors()).dtype == np.float32
    close(found, expected)
    close(scoring.scores(*vectors()), np.asarray(network([*vectors()])))


def test_zeros_and_equal_sides_too(network: TwinNetwork, scoring: scoring_network.ScoringNetwork) -> None:
    left, right = vectors(9)
    left[3], right[3], right[5], right[6] = 0, 0, 0, left[6]
    close(scoring.member_scores(left, right), np.asarray(network.member_scores(left, right)))


@pytest.mark.parametrize("rows", [0, 1, 63, 64, 65])
def test_chunks_do_not_show(
    scoring: scoring_network.ScoringNetwork, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = (side[:rows] for side in vectors())
    whole = scoring.member_scores(left, right)
    monkeypatch.setattr(scoring_network, "CHUNK_ROWS", 16)
    close(scoring.member_scores(left, right), whole)
    assert scoring.scores(left, right).shape == (rows,)


def test_the_sides_can_be_swapped(scoring: scoring_network.ScoringNetwork) -> None:
    left, right = vectors()
    close(scoring.member_scores(right, left), scoring.member_scores(left, right))


def test_a_vector_in_many_pairs_is_encoded_once(scoring: scoring_network.ScoringNetwork) -> None:
    bank = vectors(20)[0]
    left, right = np.random.default_rng(5).integers(0, 20, size=(2, ROWS))
    encoded = scoring.forward.encode(bank)
    close(
        scoring.forward.score(numpy_layers.take(encoded, left), numpy_layers.take(encoded, right)),
        scoring.member_scores(bank[left], bank[right]),
    )


def test_embeddings_are_where_the_scorer_puts_them(
    network: TwinNetwork, scoring: scoring_network.ScoringNetwork
) -> None:
    left, _ = vectors()
    tower = getattr(network.scorer, "tower", None)
    scaled = left / network.scorer.scale.numpy() if network.head == "anchored" else left
    close(scoring.embeddings(left), left[None] if tower is None else np.asarray(tower(scaled)))


def test_another_width_is_refused(scoring: scoring_network.ScoringNetwork) -> None:
    left, right = vectors()
    with pytest.raises(ValueError, match=r"right: expected shape \(n, 12\), found \(150, 11\)"):
        scoring.scores(left, right[:, 1:])


@pytest.mark.parametrize("size", [1e-25, 1e15])
def test_cosine_holds_at_any_size(size: float) -> None:
    scoring = reloaded(TwinNetwork("cosine", HEADS["cosine"].defaults, WIDTH, MEMBERS))
    left, right = vectors()
    close(scoring.scores(np.float32(size) * left, right), scoring.scores(left, right))


def test_trees_are_those_of_scikit_learn() -> None:
    made = TwinNetwork("boosting", HEADS["boosting"].defaults, WIDTH, MEMBERS)
    peers, features = grown(made.scorer), np.asarray(pair_features(*vectors()))
    close(reloaded(made).member_scores(*vectors()), np.stack([peer(features) for peer in peers]))


def test_the_shapes_of_the_weights_are_known_beforehand(network: TwinNetwork) -> None:
    layer = network.scorer
    found = HEADS[network.head].forward.shapes(network.settings, WIDTH, MEMBERS)
    assert sum(map(np.prod, found.values())) == sum(np.prod(weight.shape) for weight in layer.weights)
    for name in ("gain", "mean", "value"):  # of any head that has it, `distance` and `trees` aside
        if hasattr(layer, name):
            assert found[name] == tuple(getattr(layer, name).shape)


@pytest.mark.parametrize(
    ("node", "below", "above"),
    [(0, 0, 1), (0, 1, 61), (0, -1, 2), (1, 0, 3), (1, 2, 3)],
    ids=["to itself", "beyond the last", "before the first", "back", "to another's"],
)
def test_trees_whose_branches_lead_nowhere_are_refused(node: int, below: int, above: int, tmp_path: Path) -> None:
    made = TwinNetwork("boosting", HEADS["boosting"].defaults, WIDTH, MEMBERS)
    for name, children in (("below", [1, below]), ("above", [2, above])):
        tree = np.zeros((MEMBERS, 200, 61), np.int32)
        tree[1, 5, [0, node]] = children
        getattr(made.scorer, name).assign(tree)
    made.save(tmp_path / "model.keras")
    with pytest.raises(ArtifactError, match=r"model\.keras: .* found trees whose branches lead nowhere$"):
        load_network(tmp_path / "model.keras")


def changed(path: Path, **config: object) -> Path:
    """A saved network whose configuration says something else."""
    TwinNetwork("euclidean", HEADS["euclidean"].defaults.changed({"units": (8, 4)}), WIDTH, MEMBERS).save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(parts["config.json"])
    document["config"].update(config)
    parts["config.json"] = json.dumps(document | {key: config[key] for key in config if key in document}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"registered_name": "Custom>Other"}, "Custom>Other"),
        ({"side_width": 13}, r"weights 'tower/.*/kernel' of shape \(3, 12, 8\) where the settings make \(3, 13, 8\)"),
        ({"members": 4}, r"/bias' of shape \(3, 1, 8\) where the settings make \(4, 1, 8\)"),
        ({"head": "nearest"}, "'nearest'"),
        ({"head": "l1-logits"}, r"weights 'dense/bias' of shape none where the settings make \(3, 1, 1\)"),
    ],
)
def test_what_is_no_network_is_refused(config: dict, found: str, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=f"model.keras: expected a network of twinflow, found .*{found}"):
        load_network(changed(tmp_path / "model.keras", **config))


@pytest.mark.parametrize("content", [None, b"", b"PK no zip"])
def test_what_is_no_model_file_is_refused(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"model\.keras: expected a network of twinflow, found"):
        load_network(tmp_path / "model.keras")
