"""Quantiles of the lognormal distribution, the same to the last bit on every machine.

Libraries work out logarithms and exponentials in a way that suits the processor, and so the last bits differ from one
to the next. Here they are made of additions, multiplications, divisions and square roots alone, which every machine
rounds alike, and always in the same order. The normal quantile is algorithm AS 241 (PPND16) of M. J. Wichura, Applied
Statistics 37 (1988) 477-484, with a relative error of about 1e-16.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dischargesim.loops import instead_of

Floats = NDArray[np.float64]

# Numerators and denominators of AS 241, the constant terms first: near the median, further out, and in the ends.
_A = (
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
    4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
)  # fmt: skip
_B = (
    1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
    2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
)  # fmt: skip
_C = (
    1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
    1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
)  # fmt: skip
_D = (
    1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
    1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
)  # fmt: skip
_E = (
    6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
)  # fmt: skip
_F = (
    1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
)  # fmt: skip
_WIDE, _FAR = 0.425, 5.0

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-1, 1.90821492927058770002e-10
"""The logarithm of 2 in two parts, of which the first has so few bits that multiples of it are exact."""
_LOG2_E, _SQRT_HALF = 1.44269504088896338700, 0.70710678118654752440
_LARGEST = 700.0
"""Logarithm at which lengths of stay are cut off, on either side: far beyond anything a scenario may say."""
_S = tuple(1 / math.factorial(n) for n in range(14))
"""Of the exponential; up to half the logarithm of 2, what follows is below the last bit."""
_ODD = tuple(1 / n for n in range(1, 24, 2))
"""Of the logarithm, likewise."""


@lru_cache(maxsize=4096)
def of_logarithm(mean: float, median: float) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of a time with a mean and a median, in the same unit."""
    # Differences of logarithms: the ratio itself can round to 1 and would give a sigma of 0.
    return math.log(median), math.sqrt(2 * math.log1p((mean - median) / median))


def lognormal_quantile(u: Floats, mu: float, sigma: float) -> Floats:
    """Times that fractions `u` of people do not exceed.

    Parameters
    ----------
    u : ndarray of float64
        In the open interval (0, 1).
    mu, sigma : float
        Mean and standard deviation of the logarithm of the time.

    Returns
    -------
    ndarray of float64, same shape
    """
    return _quantile(u.ravel(), mu, sigma).reshape(u.shape)


def _polynomial(x: Floats, c: tuple[float, ...]) -> Floats:
    y = np.full(x.shape, c[-1])
    for coefficient in c[-2::-1]:
        y = y * x + coefficient
    return y


def _quantile_few(u: Floats, mu: float, sigma: float) -> Floats:
    q = u - 0.5
    r = _WIDE * _WIDE - q * q
    z = q * (_polynomial(r, _A) / _polynomial(r, _B))
    outside = np.flatnonzero(np.abs(q) > _WIDE)
    if outside.size:
        side = q[outside]
        fraction, power = np.frexp(np.where(side < 0, u[outside], 1.0 - u[outside]))
        small = fraction < _SQRT_HALF
        fraction, power = np.where(small, 2.0 * fraction, fraction), np.where(small, power - 1, power)
        s = (fraction - 1.0) / (fraction + 1.0)
        r = np.sqrt(-(power * _LN2_HIGH + (power * _LN2_LOW + 2.0 * s * _polynomial(s * s, _ODD))))
        near, far = r - 1.6, r - _FAR
        size = np.where(
            r <= _FAR, _polynomial(near, _C) / _polynomial(near, _D), _polynomial(far, _E) / _polynomial(far, _F)
        )
        z[outside] = np.where(side < 0, -size, size)
    x = np.minimum(np.maximum(mu + sigma * z, -_LARGEST), _LARGEST)
    whole = np.rint(x * _LOG2_E)
    rest = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    power = ((whole.astype(np.int64) + 1023) << 52).view(np.float64)
    return np.asarray(_polynomial(rest, _S) * power, dtype=np.float64)


@instead_of(_quantile_few)
def _quantile(u: Floats, mu: float, sigma: float) -> Floats:
    # Polynomials are written out, and the loops have no branches, so that the machine works out several rows at once.
    z, outside, count = np.empty(u.size), np.empty(u.size, dtype=np.int64), 0
    for row in range(u.size):
        q = u[row] - 0.5
        r = _WIDE * _WIDE - q * q
        above = ((((((_A[7] * r + _A[6]) * r + _A[5]) * r + _A[4]) * r + _A[3]) * r + _A[2]) * r + _A[1]) * r + _A[0]
        below = ((((((_B[7] * r + _B[6]) * r + _B[5]) * r + _B[4]) * r + _B[3]) * r + _B[2]) * r + _B[1]) * r + _B[0]
        z[row] = q * (above / below)
    for row in range(u.size):
        outside[count] = row
        count += abs(u[row] - 0.5) > _WIDE
    nearest = np.empty(count)
    for index in range(count):
        nearest[index] = min(u[outside[index]], 1.0 - u[outside[index]])
    bits = nearest.view(np.int64)
    power = np.empty(count)
    for index in range(count):
        power[index] = (bits[index] >> 52) - 1022
        bits[index] = (bits[index] & 0xFFFFFFFFFFFFF) | (1022 << 52)
    fraction, far = nearest, 0
    for index in range(count):
        small = fraction[index] < _SQRT_HALF
        f = fraction[index] * (1.0 + small)
        s = (f - 1.0) / (f + 1.0)
        x = s * s
        odd = (((((_ODD[11] * x + _ODD[10]) * x + _ODD[9]) * x + _ODD[8]) * x + _ODD[7]) * x + _ODD[6]) * x + _ODD[5]
        odd = ((((odd * x + _ODD[4]) * x + _ODD[3]) * x + _ODD[2]) * x + _ODD[1]) * x + _ODD[0]
        two = power[index] - small
        fraction[index] = math.sqrt(-(two * _LN2_HIGH + (two * _LN2_LOW + 2.0 * s * odd)))
        far += fraction[index] > _FAR
    for index in range(count):
        r = fraction[index] - 1.6
        above = ((((((_C[7] * r + _C[6]) * r + _C[5]) * r + _C[4]) * r + _C[3]) * r + _C[2]) * r + _C[1]) * r + _C[0]
        below = ((((((_D[7] * r + _D[6]) * r + _D[5]) * r + _D[4]) * r + _D[3]) * r + _D[2]) * r + _D[1]) * r + _D[0]
        power[index] = above / below
    for index in range(count if far else 0):
        if fraction[index] > _FAR:
            r = fraction[index] - _FAR
            above, below = _E[7], _F[7]
            for n in range(6, -1, -1):
                above, below = above * r + _E[n], below * r + _F[n]
            power[index] = above / below
    for index in range(count):
        row = outside[index]
        z[row] = power[index] if u[row] > 0.5 else -power[index]
    whole_bits = outside
    for row in range(u.size):
        x = min(max(mu + sigma * z[row], -_LARGEST), _LARGEST)
        whole = np.rint(x * _LOG2_E)
        r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
        e = (((((_S[13] * r + _S[12]) * r + _S[11]) * r + _S[10]) * r + _S[9]) * r + _S[8]) * r + _S[7]
        z[row] = ((((((e * r + _S[6]) * r + _S[5]) * r + _S[4]) * r + _S[3]) * r + _S[2]) * r + _S[1]) * r + _S[0]
        whole_bits[row] = (np.int64(whole) + 1023) << 52
    two_to = whole_bits.view(np.float64)
    for row in range(u.size):
        z[row] *= two_to[row]
    return z
