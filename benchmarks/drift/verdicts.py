"""Has a sample moved from the reference: this product, the rule of evidently's preset, and two published tests."""

import warnings

import numpy as np
from scipy import stats
from worlds import Sample

from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sample_rows
from twinflow.monitoring import drift
from twinflow.monitoring.estimate import Reference, estimate
from twinflow.monitoring.profile import SAMPLE_ROWS
from twinflow.monitoring.shift_weights import shift_weights

ALPHA = 0.05
SIDE = 200
PERMUTATIONS = 200
TOLD = 16  # columns that the classifier of the weights sees beside the score


def twinflow(reference: Sample, current: Sample) -> bool:
    """The verdict of `twinflow monitor`, against the rows that a run's profile keeps."""
    kept = reduced(reference, SAMPLE_ROWS)
    before, new = (drift.Sample(pairs(sample), sample.score, label=sample.label) for sample in (kept, current))
    found = drift.check_drift(before, new, PairColumns(SIDE))
    return bool(found["verdict"] == "drift")


def preset_columns(reference: Sample, current: Sample) -> int:
    """Columns that evidently's DataDriftPreset flags by its defaults for more than 1,000 rows and many values:
    Wasserstein distance over the reference's standard deviation of 0.1 or more. Checked against the preset by `run.py`.
    """
    before, now = np.sort(reference.table, axis=0), np.sort(current.table, axis=0)
    repeats, rest = divmod(len(before), len(now))
    assert not rest, "exact where the reference has a multiple of the current rows"
    distances = np.abs(before - np.repeat(now, repeats, axis=0)).mean(axis=0)
    return int(np.sum(distances >= 0.1 * before.std(axis=0)))


def maximum_mean_discrepancy(reference: Sample, current: Sample) -> bool:
    """Gretton and others (2012): Gaussian kernel of the median distance, permutation test; on equal numbers of rows."""
    n = len(current.label)
    both = standardised(reduced(reference, n).table, current.table)
    squares = (both**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares[None] - 2 * both @ both.T, 0)
    kernel = np.exp(-distances / np.median(distances[np.triu_indices(2 * n, 1)])).astype(np.float64)
    np.fill_diagonal(kernel, 0)
    rng = np.random.default_rng(list(current.score[:2].view(np.uint64)))  # one set for all draws would lean one way
    signs = np.stack(
        [np.repeat([1.0, -1.0], n), *(rng.permutation(np.repeat([1.0, -1.0], n)) for _ in range(PERMUTATIONS))]
    )
    values = np.einsum("bn,bn->b", signs @ kernel, signs)
    return bool(np.mean(values >= values[0]) <= ALPHA)


def classifier_two_sample_test(reference: Sample, current: Sample) -> bool:
    """Lopez-Paz and Oquab (2017): a network of one layer of 20 units, 100 epochs of Adam on half of the rows; its
    accuracy on the other half against chance."""
    from sklearn.neural_network import MLPClassifier

    n = len(current.label)
    both, label = standardised(reduced(reference, n).table, current.table), np.repeat([0, 1], n)
    order = np.random.default_rng(0).permutation(2 * n)
    learnt, judged = order[:n], order[n:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is stopped after 100 epochs, as in the paper
        network = MLPClassifier((20,), max_iter=100, random_state=0).fit(both[learnt], label[learnt])
    right = np.mean(network.predict(both[judged]) == label[judged])
    return bool(stats.norm.sf((right - 0.5) / np.sqrt(0.25 / n)) <= ALPHA)


def estimated_accuracy(reference: Sample, current: Sample) -> dict[str, float]:
    """This product's estimate of the accuracy of calls at score 0, without the current labels."""
    kept = reduced(reference, SAMPLE_ROWS)
    features = [np.column_stack([sample.score, sample.vectors[:, :TOLD]]) for sample in (kept, current)]
    groups = [np.arange(len(part)) for part in features]
    weighing = shift_weights(features[0], features[1], groups[0], groups[1])
    found = estimate(Reference(2 * kept.score, kept.label, weighing.weights), 2 * current.score, current.score >= 0)
    low, high = found["accuracy_interval"]
    return {"value": found["accuracy"], "low": low, "high": high}


def realised_accuracy(sample: Sample) -> float:
    return float(np.mean((sample.score >= 0) == sample.label))


def pairs(sample: Sample) -> Pairs:
    left, right = (np.ascontiguousarray(side) for side in np.split(sample.vectors, 2, axis=1))
    return Pairs(left, right)


def reduced(sample: Sample, rows: int) -> Sample:
    kept = sample_rows(len(sample.label), rows, 0)
    return Sample(sample.vectors[kept], sample.score[kept], sample.label[kept])


def standardised(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    both = np.vstack([reference, current])
    return np.asarray((both - both.mean(axis=0)) / both.std(axis=0))
