"""Distributions of times, as a planner writes them in YAML.

Each kind is a small frozen pydantic model that knows its mean, its quantiles (so that one uniform number of one
person gives the same rank in every scenario) and the quantiles of its *length-biased* form: the stay that a moment
picked at random falls into. Long stays cover more moments, so a census finds them more often than arrivals do;
people who are already in at the start of a run are drawn from there.

All values are times, zero or longer, in the unit of the field that holds the distribution. ``multiply`` scales every
value, e.g. 0.9 for stays that are a tenth shorter.

>>> Lognormal(mean=18.07, median=9).mean()
18.07
>>> Exponential(mean=10, multiply=0.9).mean()
9.0

References
----------
Johnson, Kotz and Balakrishnan, *Continuous Univariate Distributions*, 2nd edition: volume 1, chapters 14 (lognormal),
17 (gamma), 19 (exponential) and 21 (Weibull); volume 2, chapter 26 (uniform and triangular).
Cox, *Renewal Theory* (1962), on length-biased sampling: density x f(x) / mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BeforeValidator, Field

from dischargesim.scenario.base import Part
from dischargesim.scenario.distribution_base import BaseDistribution, Floats, Mean, Time, Weight, invert
from dischargesim.scenario.lognormal import lognormal_quantile, of_logarithm

# scipy.special takes 0.2 s to import and is needed only once numbers are drawn, so the methods import it.


class Exponential(BaseDistribution):
    """Exponential: the same chance of ending every day, whatever has elapsed.

    F(x) = 1 - exp(-x / mean). The length-biased form is gamma with shape 2 and the same scale.
    """

    kind: Literal["exponential"] = "exponential"
    given_mean: Mean = Field(alias="mean")

    def _mean(self) -> float:
        return self.given_mean

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        from scipy.special import gammaincinv

        return np.asarray(self.given_mean * (gammaincinv(2.0, u) if biased else -np.log1p(-u)))

    def _cumulative(self, x: Floats, *, biased: bool) -> Floats:
        from scipy.special import gammainc

        scaled = x / self.given_mean
        return np.asarray(gammainc(2.0, scaled) if biased else -np.expm1(-scaled))


_PAIRS = "a lognormal takes either mean and median, or mu and sigma"


class Lognormal(BaseDistribution):
    """Lognormal: the logarithm of the time is normal with mean mu and standard deviation sigma.

    median = exp(mu) and mean = exp(mu + sigma^2 / 2), so sigma = sqrt(2 ln(mean / median)). The length-biased form
    is lognormal with mu + sigma^2 and the same sigma.
    """

    kind: Literal["lognormal"] = "lognormal"
    given_mean: Mean | None = Field(default=None, alias="mean", description="Mean time; needs median, and is above it.")
    median: Mean | None = Field(default=None, description="Time that half of the people stay below; needs mean.")
    mu: float | None = Field(default=None, ge=-20, le=20, description="Mean of the logarithm of the time; needs sigma.")
    sigma: float | None = Field(default=None, gt=0, le=5, description="Standard deviation of the logarithm; needs mu.")

    def _check(self) -> None:
        pairs = {"mean": self.given_mean, "median": self.median, "mu": self.mu, "sigma": self.sigma}
        given = [name for name, value in pairs.items() if value is not None]
        if given not in (["mean", "median"], ["mu", "sigma"]):
            found = " and ".join(given) or "none of them"
            raise ValueError(f"{_PAIRS}; got {found}")
        if self.given_mean is not None and self.median is not None:
            if self.given_mean <= self.median:
                raise ValueError(
                    f"mean must be above median, got mean {self.given_mean:g} and median {self.median:g} "
                    "(for times that hardly vary use kind: gamma, for one fixed time kind: constant)"
                )
            if self._parameters()[1] > 5:
                raise ValueError(
                    f"mean {self.given_mean:g} is too far above median {self.median:g}: sigma comes to "
                    f"{self._parameters()[1]:.3g}, expected at most 5"
                )

    def _parameters(self) -> tuple[float, float]:
        """Mu and sigma."""
        if self.given_mean is not None and self.median is not None:
            return of_logarithm(self.given_mean, self.median)
        if self.mu is not None and self.sigma is not None:
            return self.mu, self.sigma
        raise ValueError(_PAIRS)

    def _mean(self) -> float:
        if self.given_mean is not None:
            return self.given_mean
        mu, sigma = self._parameters()
        return math.exp(mu + sigma**2 / 2)

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        mu, sigma = self._parameters()
        return lognormal_quantile(u, mu + biased * sigma**2, sigma)

    def _cumulative(self, x: Floats, *, biased: bool) -> Floats:
        from scipy.special import ndtr

        mu, sigma = self._parameters()
        logarithm = np.log(np.maximum(x, np.finfo(np.float64).tiny))
        return np.where(x > 0, ndtr((logarithm - mu - biased * sigma**2) / sigma), 0.0)


class Gamma(BaseDistribution):
    """Gamma: for times with a given mean and relative spread.

    Shape k = 1 / cv^2 and scale = mean cv^2; F is the regularised lower incomplete gamma function at x / scale. The
    length-biased form is gamma with shape k + 1 and the same scale. A cv of 1 is the exponential.
    """

    kind: Literal["gamma"] = "gamma"
    given_mean: Mean = Field(alias="mean")
    cv: float = Field(ge=0.01, le=5, description="Coefficient of variation: standard deviation / mean.")

    def _mean(self) -> float:
        return self.given_mean

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        from scipy.special import gammaincinv

        return np.asarray(self.given_mean * self.cv**2 * gammaincinv(self.cv**-2 + biased, u))

    def _cumulative(self, x: Floats, *, biased: bool) -> Floats:
        from scipy.special import gammainc

        return np.asarray(gammainc(self.cv**-2 + biased, x / (self.given_mean * self.cv**2)))


class Weibull(BaseDistribution):
    """Weibull: the daily chance of ending falls (shape below 1) or rises (shape above 1) with the time elapsed.

    F(x) = 1 - exp(-(x / scale)^shape) with scale = mean / Gamma(1 + 1 / shape). In the length-biased form
    (x / scale)^shape is gamma with shape 1 + 1 / shape. A shape of 1 is the exponential.
    """

    kind: Literal["weibull"] = "weibull"
    given_mean: Mean = Field(alias="mean")
    shape: float = Field(ge=0.2, le=50, description="Shape: 1 is the exponential, above 1 varies less.")

    def _scale(self) -> float:
        return self.given_mean / math.gamma(1 + 1 / self.shape)

    def _mean(self) -> float:
        return self.given_mean

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        from scipy.special import gammaincinv

        hazard = gammaincinv(1 + 1 / self.shape, u) if biased else -np.log1p(-u)
        return np.asarray(self._scale() * hazard ** (1 / self.shape))

    def _cumulative(self, x: Floats, *, biased: bool) -> Floats:
        from scipy.special import gammainc

        with np.errstate(over="ignore"):  # far in the tail the power overflows to inf, where F is 1
            hazard = (x / self._scale()) ** self.shape
        return np.asarray(gammainc(1 + 1 / self.shape, hazard) if biased else -np.expm1(-hazard))


class Triangular(BaseDistribution):
    """Triangular: for a local estimate of the least, the most likely and the greatest time.

    The density rises linearly from low to mode and falls linearly to high; mean = (low + mode + high) / 3. The
    length-biased distribution function is a cubic on either side of the mode, and is inverted numerically.
    """

    kind: Literal["triangular"] = "triangular"
    low: Time = Field(description="Least time.")
    mode: Time = Field(description="Most likely time.")
    high: Time = Field(description="Greatest time.")

    def _check(self) -> None:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(
                f"expected low <= mode <= high and low < high, got low {self.low:g}, mode {self.mode:g}, "
                f"high {self.high:g} (for one fixed time use kind: constant)"
            )

    def _mean(self) -> float:
        return (self.low + self.mode + self.high) / 3

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        low, mode, high = self.low, self.mode, self.high
        if biased:
            return invert(lambda x: self._cumulative(x, biased=True), u, np.full_like(u, low), np.full_like(u, high))
        rising = low + np.sqrt(u * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
        return np.where(u * (high - low) <= mode - low, rising, falling)

    def _cumulative(self, x: Floats, *, biased: bool) -> Floats:
        low, mode, high = self.low, self.mode, self.high
        above, below = np.clip(x, low, mode) - low, high - np.clip(x, mode, high)
        # Each side is an integral of (distance from its end) x (1, or the time itself over the mean).
        left, right = above**2, below**2
        if biased:
            left = above**2 * (low + above * 2 / 3) / self._mean()
            right = below**2 * (high - below * 2 / 3) / self._mean()
        rising = left / ((high - low) * (mode - low)) if mode > low else np.zeros_like(x)
        falling = 1 - right / ((high - low) * (high - mode)) if high > mode else np.ones_like(x)
        return np.where(x < mode, rising, falling)


class Uniform(BaseDistribution):
    """Uniform: every time from low to high is as likely.

    mean = (low + high) / 2; length-biased F(x) = (x^2 - low^2) / (high^2 - low^2).
    """

    kind: Literal["uniform"] = "uniform"
    low: Time = Field(description="Least time.")
    high: Time = Field(description="Greatest time.")

    def _check(self) -> None:
        if self.low >= self.high:
            raise ValueError(
                f"low must be below high, got low {self.low:g} and high {self.high:g} "
                "(for one fixed time use kind: constant)"
            )

    def _mean(self) -> float:
        return (self.low + self.high) / 2

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        if biased:
            return np.sqrt(self.low**2 + u * (self.high - self.low) * (self.high + self.low))
        return self.low + u * (self.high - self.low)

    def _cumulative(self, x: Floats, *, biased: bool) -> Floats:
        x = np.clip(x, self.low, self.high)
        below = (x - self.low) / (self.high - self.low)
        return below * (x + self.low) / (self.high + self.low) if biased else below


class _Discrete(BaseDistribution):
    """A kind with a list of times, each with a probability of its own; weights times values when length-biased."""

    def _points(self) -> tuple[Floats, Floats]:
        """Unscaled times in ascending order, and their probabilities."""
        raise NotImplementedError

    def _jumps(self) -> Floats:
        return self._points()[0] * self.multiply

    def _mean(self) -> float:
        values, probabilities = self._points()
        return float(values @ probabilities)

    def _steps(self, biased: bool) -> tuple[Floats, Floats]:
        values, probabilities = self._points()
        cumulative = np.cumsum(probabilities * values if biased else probabilities)
        return values, cumulative / cumulative[-1]

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        values, cumulative = self._steps(biased)
        return values[np.minimum(np.searchsorted(cumulative, u), values.size - 1)]

    def cdf(self, x: ArrayLike, *, length_biased: bool = False) -> Floats:
        """Distribution function; compares with the scaled times, as dividing `x` could round past one of them."""
        values, cumulative = self._steps(length_biased)
        below = np.searchsorted(values * self.multiply, np.asarray(x, dtype=np.float64), side="right")
        return np.concatenate(([0.0], cumulative))[below]


class Constant(_Discrete):
    """One fixed time. A bare number in YAML means this.

    The mean, every quantile and every length-biased quantile are the value.
    """

    kind: Literal["constant"] = "constant"
    value: Time = Field(description="The time.")

    def _points(self) -> tuple[Floats, Floats]:
        return np.array([self.value]), np.ones(1)

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        return np.full(u.shape, self.value)


class Empirical(_Discrete):
    """A draw from given times, e.g. those of an audit: no value in between comes up.

    mean = sum of weight x value / sum of weights; the length-biased weights are weight x value.
    """

    kind: Literal["empirical"] = "empirical"
    values: tuple[Time, ...] = Field(min_length=1, description="Times, e.g. one for each person of an audit.")
    weights: tuple[Weight, ...] | None = Field(
        default=None, description="How often each comes up, relative to the others; alike if left out."
    )

    def _check(self) -> None:
        if self.weights is not None and len(self.weights) != len(self.values):
            raise ValueError(f"expected one weight for each value, got {len(self.weights)} for {len(self.values)}")

    def _points(self) -> tuple[Floats, Floats]:
        weights = np.ones(len(self.values)) if self.weights is None else np.array(self.weights)
        order = np.argsort(self.values, kind="stable")
        return np.array(self.values)[order], weights[order] / weights.sum()


_SIMPLE = Constant | Exponential | Lognormal | Gamma | Weibull | Triangular | Uniform | Empirical
_KINDS = ("constant", "exponential", "lognormal", "gamma", "weibull", "triangular", "uniform", "empirical")


def _read(*kinds: str) -> Callable[[Any], Any]:
    """Read a bare number as a constant, and name the kinds there are when it is none of them."""

    def read(given: Any) -> Any:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"kind": "constant", "value": given}
        if isinstance(given, BaseDistribution):
            return given
        if not isinstance(given, dict):
            raise ValueError(f"expected a number or a distribution with a kind, got {given!r}")
        if given.get("kind") not in kinds:
            found = f"kind: {given['kind']}" if "kind" in given else "no kind"
            raise ValueError(f"expected a kind out of {', '.join(kinds)}; got {found}")
        return given

    return read


_Simple = Annotated[_SIMPLE, Field(discriminator="kind")]
SimpleDistribution = Annotated[_Simple, BeforeValidator(_read(*_KINDS), json_schema_input_type=float | _Simple)]
"""Any kind but a mixture."""


class MixturePart(Part):
    """One part of a mixture."""

    weight: Weight = Field(description="Share of people in this part, relative to the other parts.")
    distribution: SimpleDistribution = Field(description="Their times.")


class Mixture(BaseDistribution):
    """Several groups in one, e.g. most people who wait no time and a few who wait long.

    F(x) = sum of share x F of the part; the mean likewise. In the length-biased form a part's share is multiplied by
    its mean, over the mean of all. Both are inverted numerically, times with a probability of their own exactly.
    """

    kind: Literal["mixture"] = "mixture"
    parts: tuple[MixturePart, ...] = Field(
        min_length=1, description="The groups, each with a weight and a distribution."
    )

    def _mean(self) -> float:
        return sum(part.weight * part.distribution.mean() for part in self.parts) / sum(p.weight for p in self.parts)

    def _shares(self, biased: bool) -> list[tuple[float, BaseDistribution]]:
        weighed = [(p.weight * (p.distribution.mean() if biased else 1.0), p.distribution) for p in self.parts]
        total = sum(weight for weight, _ in weighed)
        return [(weight / total, distribution) for weight, distribution in weighed if weight > 0]

    def _cumulative(self, x: Floats, *, biased: bool) -> Floats:
        parts = (share * part.cdf(x, length_biased=biased) for share, part in self._shares(biased))
        return np.minimum(sum(parts, start=np.zeros_like(x)), 1.0)

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        shares = self._shares(biased)
        each = [part.length_biased_quantile(u) if biased else part.quantile(u) for _, part in shares]
        low, high = np.minimum.reduce(each), np.maximum.reduce(each)
        jumps = np.unique(np.concatenate([part._jumps() for _, part in shares]))
        if jumps.size:
            # F is continuous between two jumps. On a jump the answer is the jump: nothing to search.
            before = np.where(jumps > 0, self._cumulative(np.nextafter(jumps, 0.0), biased=biased), 0.0)
            after = self._cumulative(jumps, biased=biased)
            at = np.searchsorted(after, u)
            upper = np.append(jumps, np.inf)[at]
            lower = np.concatenate(([0.0], jumps))[at]
            on_jump = np.append(before, np.inf)[at] < u
            high = np.minimum(high, upper)
            low = np.where(on_jump, high, np.minimum(np.maximum(low, lower), high))
        return invert(lambda x: self._cumulative(x, biased=biased), u, low, high)


_Any = Annotated[_SIMPLE | Mixture, Field(discriminator="kind")]
Distribution = Annotated[_Any, BeforeValidator(_read(*_KINDS, "mixture"), json_schema_input_type=float | _Any)]
"""A distribution of times: any kind, or a bare number for a constant."""
