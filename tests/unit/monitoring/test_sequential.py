"""Evidence that may be looked at every day: seldom wrong however often one looks, and quick where a rate has fallen."""

import numpy as np
import pytest
from scipy import integrate

from twinflow.monitoring.sequential import ALPHA, RATES, evidence, has_fallen


def looks(rng, chance, paths, days, per_day):
    """Hits so far on each day, (paths, days)."""
    return np.cumsum(rng.binomial(per_day, chance, (paths, days)), axis=1)


def test_evidence_is_the_likelihood_ratio_it_says():
    for hits, misses, least in ((3, 5, 0.7), (20, 4, 0.9), (0, 3, 0.5)):
        mixture, _ = integrate.quad(lambda p, h=hits, m=misses: p**h * (1 - p) ** m, 0, least)
        ratio = mixture / least / (least**hits * (1 - least) ** misses)
        assert evidence(hits, misses, least) == pytest.approx(np.log(ratio), rel=1e-6)


def test_it_starts_at_nothing_and_hits_take_it_away():
    assert evidence(0, 0, 0.9) == pytest.approx(0)
    assert evidence(100, 0, 0.9) < 0
    assert evidence(10**6, 0, 0.9) < 0
    assert not has_fallen(evidence(10**6, 0, 0.5))


def test_looked_at_every_day_for_years_it_is_seldom_wrong():
    """At the very bound, 2,000 models looked at on 300 days: at most ALPHA / RATES of them in expectation, 3.3."""
    rng = np.random.default_rng(0)
    hits = looks(rng, 0.9, 2000, 300, 10)
    shown = np.arange(1, 301) * 10
    worst = [
        max(evidence(int(h), int(n - h), 0.9) for h, n in zip(path[::10], shown[::10], strict=True)) for path in hits
    ]
    alarms = sum(map(has_fallen, worst))
    assert alarms <= 10  # more come up once in 1,000 tests, were the rate 3.3 in 2,000
    naive = ((hits / shown < 0.9 - 1.96 * np.sqrt(0.09 / shown)).any(axis=1)).mean()
    assert naive > 0.1  # what an interval looked at every day does


@pytest.mark.parametrize(("chance", "days"), [(0.8, 40), (0.6, 6)])
def test_a_fall_is_seen(chance, days):
    hits = looks(np.random.default_rng(1), chance, 200, days, 20)[:, -1]
    found = [has_fallen(evidence(int(h), int(20 * days - h), 0.9)) for h in hits]
    assert np.mean(found) > 0.95


def test_the_bar_covers_all_rates():
    assert has_fallen(np.log(RATES / ALPHA) + 1e-9)
    assert not has_fallen(np.log(RATES / ALPHA) - 1e-9)
