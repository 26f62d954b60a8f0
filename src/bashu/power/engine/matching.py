"""How much of a consumption is matched by certificates of the same hour, beside what a year's totals say.

Hourly score = Σ min(load, certified) / Σ load over the hours (the volumetric match of Google, 2021, and of EnergyTag's granular
certificates); annual score = min(Σ load, Σ certified) / Σ load. The hourly one never exceeds the annual one.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np


class Match(NamedTuple):
    """Watt-hours: used, certified, matched within its hour (n,), and the totals."""

    matched: np.ndarray
    load: int
    certified: int

    @property
    def hourly(self) -> Fraction | None:
        """The share of the load that certificates of its own hour match; None without load."""
        return Fraction(int(self.matched.sum()), self.load) if self.load else None

    @property
    def annual(self) -> Fraction | None:
        """The share of the load that all certificates together could cover; None without load."""
        return Fraction(min(self.load, self.certified), self.load) if self.load else None


def match(load: np.ndarray, certified: np.ndarray) -> Match:
    """Match two series of the same hours, watt-hours, int64, shape (n,), non-negative.

    Sun at noon for a load day and night: enough in all, half of it in time.

    >>> score = match(np.array([50, 50]), np.array([100, 0]))
    >>> score.matched.tolist(), score.hourly, score.annual
    ([50, 0], Fraction(1, 2), Fraction(1, 1))
    """
    if load.shape != certified.shape or (load < 0).any() or (certified < 0).any():
        raise ValueError("two series of the same hours, none below zero")
    return Match(np.minimum(load, certified), int(load.sum()), int(certified.sum()))
