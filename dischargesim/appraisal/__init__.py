"""What options cost and are worth: unit costs, payers, years, and how sure that is.

`settings.appraisal_settings` reads an appraisal, `value.appraise` holds options against a baseline in pounds,
`capacity.cost_optimal` finds the capacity with the lowest cost in a sweep, and `sources` lists every number with where
it comes from.
"""

from dischargesim.appraisal.prices import sources

__all__ = ["sources"]
