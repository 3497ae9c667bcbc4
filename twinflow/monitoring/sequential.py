"""Whether a rate has fallen: evidence that may be looked at after every pair, for as long as one likes."""

import numpy as np

ALPHA = 0.005  # chance that a rate which never fell is ever called fallen, over all looks and over the three rates
RATES = 3


def evidence(hits: int, misses: int, least: float) -> float:
    """Natural logarithm of the evidence against "each trial hits with a chance of `least` or more".

    A bet against that claim, which pays its holder nothing on average while the claim is true, whatever came before:
    the likelihood of the trials under a rate drawn evenly from [0, least] over that under `least` itself (Robbins,
    1970). Its value never passes 1/α at any time with a chance above α (Ville, 1939); so one may look whenever one
    likes, and stop. The order of the trials does not matter to its value.

    Args:
        hits, misses: numbers of trials so far.
        least: the rate claimed, in (0, 1).
    """
    from scipy.special import betainc, betaln

    inside = betainc(hits + 1, misses + 1, least)
    if inside < 1e-300:  # far more hits than `least` promises: no evidence, and no logarithm of it
        return -np.inf
    expected = hits * np.log(least) + misses * np.log1p(-least)
    return float(np.log(inside) + betaln(hits + 1, misses + 1) - np.log(least) - expected)


def has_fallen(log_evidence: float) -> bool:
    """Whether the evidence makes a rate fallen: any of `RATES` rates wrongly is with a chance of at most `ALPHA`."""
    return bool(log_evidence >= np.log(RATES / ALPHA))
