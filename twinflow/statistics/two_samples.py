"""Two samples of many columns: how far apart each column is, and how the columns go together, and what is chance."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twinflow.statistics.arrays import Flags, Floats, Ints

TEST = (
    "two-sample Kolmogorov–Smirnov (asymptotic), effect: Wasserstein distance over the reference's standard deviation"
)
CORRECTION = "Benjamini-Hochberg"
EFFECT = 0.2  # standard deviations; Cohen (1988) calls it small, and smaller ones do not count at any sample size
QUANTILES = 512
BLOCK_COLUMNS = 32  # columns sorted at a time
DIRECTIONS = 10
POWER_STEPS = 4  # of two multiplications each

Matrix = NDArray[np.floating[Any]]
Shares = tuple[float, float]


@dataclass(frozen=True)
class Comparison:
    """Two samples compared, column by column.

    Args:
        effect: Wasserstein distance in standard deviations of the reference, (d,); NaN where not compared.
        p_value: of the Kolmogorov–Smirnov test, (d,), uncorrected; NaN where not compared.
        empty: sample without a finite number, (2, d): reference, other.
        constant: sample with one value only, (2, d).
        missing: share of cells that aren't finite, (2, d).
        first: lowest value of each sample, (2, d); NaN where it is empty.
    """

    effect: Floats
    p_value: Floats
    empty: Flags
    constant: Flags
    missing: Floats
    first: Floats


def compare_columns(reference: Matrix, other: Matrix, effective_shares: Shares = (1.0, 1.0)) -> Comparison:
    """Compare a reference (n, d) with another sample (m, d); cells that aren't finite are left out, column by column.

    A column is compared where both samples vary.

    Args:
        effective_shares: of either sample's rows, in (0, 1]: how many independent rows a row counts as.
    """
    d = reference.shape[1]
    effect, p_value = np.full(d, np.nan), np.full(d, np.nan)
    empty, constant = np.zeros((2, d), dtype=bool), np.zeros((2, d), dtype=bool)
    missing, first = np.zeros((2, d)), np.full((2, d), np.nan)
    for start in range(0, d, BLOCK_COLUMNS):
        stop = min(start + BLOCK_COLUMNS, d)
        blocks = [_sorted_columns(sample[:, start:stop]) for sample in (reference, other)]
        missing[:, start:stop] = [1 - counts / values.shape[1] for values, counts in blocks]
        for j in range(start, stop):
            samples = [values[j - start, : counts[j - start]] for values, counts in blocks]
            empty[:, j] = [not len(values) for values in samples]
            first[:, j] = [values[0] if len(values) else np.nan for values in samples]
            constant[:, j] = [len(values) > 0 and values[0] == values[-1] for values in samples]
            if not (empty[:, j].any() or constant[:, j].any()):
                effect[j], p_value[j] = _compare_sorted(samples[0], samples[1], effective_shares)
    return Comparison(effect, p_value, empty, constant, missing, first)


def _compare_sorted(reference: Matrix, other: Matrix, effective_shares: Shares) -> tuple[float, float]:
    """Effect and p-value of two ascending samples, (n,) and (m,), finite; the reference must vary."""
    from scipy.special import kolmogorov

    n, m = len(reference), len(other)
    places = np.arange(m + 1) / m
    above = np.max(places[1:] - np.searchsorted(reference, other, side="right") / n)
    below = np.max(np.searchsorted(reference, other, side="left") / n - places[:-1])
    rows, others = n * effective_shares[0], m * effective_shares[1]
    p_value = kolmogorov(np.sqrt(rows * others / (rows + others)) * max(above, below, 0.0))
    spread = float(np.std(reference, dtype=np.float64))
    moved = float(np.mean(np.abs(_quantiles(reference) - _quantiles(other))))
    return moved / spread, float(p_value)


def compare_dependence(
    reference: tuple[Matrix, Matrix], other: tuple[Matrix, Matrix], effective_shares: Shares
) -> tuple[Floats, Floats]:
    """Compare how the columns of two samples go together, whatever each column's own place and spread.

    Columns are brought to mean 0 and standard deviation 1 in each part. On the first parts the directions are sought
    along which the samples' spread differs most (main eigenvectors of the difference of the correlation matrices); on
    the second parts the projections are compared as columns are. That is a classifier two-sample test (Lopez-Paz and
    Oquab, 2017) whose classifiers are projections: what it finds has a size in standard deviations, as columns have.
    Sees changes of correlation, a rotation for one; not those of higher order alone.

    Args:
        reference, other: two parts (n, d) of either sample that share nothing, so that the search does not flatter
            the test; finite.
        effective_shares: of either second part's rows, in (0, 1]: how many independent rows a row counts as.

    Returns:
        Effect and p-value (uncorrected) of each direction, at most `DIRECTIONS`.
    """
    (sought_r, tested_r), (sought_o, tested_o) = (map(_standardised, parts) for parts in (reference, other))
    difference = sought_o.T @ sought_o / len(sought_o) - sought_r.T @ sought_r / len(sought_r)
    directions = _main_directions(difference, min(DIRECTIONS, len(difference)))
    found = compare_columns(tested_r @ directions, tested_o @ directions, effective_shares)
    return found.effect, found.p_value


def corrected(p_values: Floats) -> Floats:
    """Benjamini and Hochberg's (1995) adjusted p-values; NaN stays NaN and is not counted as a test."""
    adjusted = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    falling = tested[np.argsort(-p_values[tested], kind="stable")]
    ranks = np.arange(len(falling), 0, -1)
    adjusted[falling] = np.minimum.accumulate(np.minimum(p_values[falling] * len(falling) / ranks, 1.0))
    return adjusted


def _main_directions(symmetric: Floats, count: int) -> Floats:
    """Eigenvectors (d, count) of the eigenvalues farthest from 0, nearly.

    By subspace iteration (Halko and others, 2011): a full decomposition of a 400 × 400 matrix takes longer than
    all the columns' tests.
    """
    width = min(2 * count, len(symmetric))
    basis = np.random.default_rng(0).normal(size=(len(symmetric), width))
    for _ in range(POWER_STEPS):
        basis, _ = np.linalg.qr(symmetric @ (symmetric @ basis))
    values, vectors = np.linalg.eigh(basis.T @ symmetric @ basis)
    return np.asarray(basis @ vectors[:, np.argsort(-np.abs(values))[:count]])


def _sorted_columns(block: Matrix) -> tuple[Matrix, Ints]:
    """Each column as an ascending row, and how many finite numbers it starts with."""
    columns = np.ascontiguousarray(block.T)
    finite = np.isfinite(columns)
    if not finite.all():
        columns = np.where(finite, columns, np.nan)  # NaN sorts last
    return np.sort(columns, axis=1), finite.sum(axis=1)


def _quantiles(ascending: Matrix) -> Floats:
    """Values at evenly spaced shares, between neighbours where need be; float64 (QUANTILES,)."""
    places = np.clip((np.arange(QUANTILES) + 0.5) / QUANTILES * len(ascending) - 0.5, 0, len(ascending) - 1)
    low = places.astype(np.int64)
    high = np.minimum(low + 1, len(ascending) - 1)
    share = places - low
    return np.asarray(ascending[low] * (1 - share) + ascending[high] * share)


def _standardised(sample: Matrix) -> Floats:
    centred = np.asarray(sample, dtype=np.float64) - sample.mean(axis=0, dtype=np.float64)
    spread = centred.std(axis=0)
    return np.asarray(centred / np.where(spread > 0, spread, 1.0))
