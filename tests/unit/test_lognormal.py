"""Quantiles of the lognormal in plain arithmetic, against scipy's, and the same in both forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from dischargesim.loops import WORTH_COMPILING
from dischargesim.scenario.lognormal import _quantile, lognormal_quantile


def probabilities() -> np.ndarray:
    """From the middle and from both far ends, and exactly where one formula takes over from the next."""
    rng = np.random.default_rng(1)
    small = 10.0 ** -rng.uniform(0, 16, WORTH_COMPILING)
    return np.concatenate([rng.random(WORTH_COMPILING), small, 1 - small[small > 1e-15], [0.5, 0.075, 0.925, 2.0**-53]])


@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (1.4, 0.8), (-3.0, 0.01), (6.1, 2.5)])
def test_as_exact_as_scipy(mu: float, sigma: float) -> None:
    u = probabilities()
    expected = np.exp(mu + sigma * ndtri(u))
    # The exponential makes of the last bit of its argument as many last bits as the argument is long.
    assert np.allclose(lognormal_quantile(u, mu, sigma), expected, rtol=2e-14 * sigma + 2e-15, atol=0)


def test_both_forms_give_the_same_bits() -> None:
    pytest.importorskip("numba")
    u = probabilities()
    assert np.array_equal(_quantile.compiled(u, 1.4, 0.8), _quantile.plain(u, 1.4, 0.8))


def test_shapes() -> None:
    assert lognormal_quantile(np.array(0.5), 0.0, 1.0).shape == ()
    assert lognormal_quantile(np.full((2, 3), 0.5), 0.0, 1.0).tolist() == [[1.0] * 3] * 2


def test_far_out_it_stays_finite() -> None:
    assert np.isfinite(lognormal_quantile(np.array([2.0**-53, 1 - 2.0**-53]), 20.0, 5.0)).all()
    assert lognormal_quantile(np.array([2.0**-53]), -20.0, 1000.0)[0] > 0
