"""Cost per unit of effect: a ratio of two means, with Fieller's interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dischargesim.experiment.moments import LEVEL

Floats = NDArray[np.float64]
Verdict = Literal["costs more", "costs less", "no clear effect", "does harm", "too few replications"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Cost for each unit of effect.

    Attributes
    ----------
    value, lower, upper : float
        Pounds for each; NaN where it is not defined.
    verdict : str
        ``costs more``: it costs so much for each. ``costs less``: it has the effect and saves money too, so that a
        ratio says nothing. ``no clear effect``: the interval of the effect includes 0, and no ratio is defined. ``does
        harm``: the effect goes the wrong way. ``too few replications``: fewer than two.
    """

    value: float
    lower: float
    upper: float
    verdict: Verdict


def cost_for_each(cost: Floats, effect: Floats, level: float = LEVEL) -> Ratio:
    """Mean cost over mean effect, with Fieller's interval.

    Fieller, E. C. (1954), Some problems in interval estimation, Journal of the Royal Statistical Society B 16:175-185.
    With ``t`` the quantile of Student's t, ``x`` and ``y`` the means of cost and effect, ``r = x / y``, ``v`` the
    variances and covariance of these means and ``g = t^2 v_yy / y^2``, the interval is

        (r - g v_xy / v_yy ± (t / |y|) sqrt(v_xx - 2 r v_xy + r^2 v_yy - g (v_xx - v_xy^2 / v_yy))) / (1 - g).

    Where ``g >= 1`` the interval of the effect includes 0, and the ratio may be anything.

    Parameters
    ----------
    cost, effect : ndarray of float64, (n,)
        Replication by replication.
    level : float

    Returns
    -------
    Ratio
    """
    from scipy.special import stdtrit

    n = cost.size
    if n < 2:
        return Ratio(np.nan, np.nan, np.nan, "too few replications")
    t = float(stdtrit(n - 1, (1 + level) / 2))
    x, y = float(cost.mean()), float(effect.mean())
    (v_xx, v_xy), (_, v_yy) = (np.cov(cost, effect) / n).tolist()
    if y == 0 or t * t * v_yy >= y * y:
        return Ratio(np.nan, np.nan, np.nan, "no clear effect")
    if y < 0:
        return Ratio(np.nan, np.nan, np.nan, "does harm")
    r, g = x / y, t * t * v_yy / (y * y)
    # Without spread in the effect the terms with v_yy below them are 0.
    slope = v_xy / v_yy if v_yy > 0 else 0.0
    within = v_xx - 2 * r * v_xy + r * r * v_yy - g * (v_xx - slope * v_xy)
    half = t / y * float(np.sqrt(max(within, 0.0)))
    lower, upper = (r - g * slope - half) / (1 - g), (r - g * slope + half) / (1 - g)
    return Ratio(r, lower, upper, "costs more" if x > 0 else "costs less")
