"""Synthetic hours of a year: load, rivers, wind and sun, seeded and calibrated to totals.

Nothing here is measured. Shapes are smooth curves of the season, the day and the week with seeded noise; their sums and peaks
are then made what the cited totals say. Hour 0 is the first hour of the year in local time.
"""

from itertools import accumulate

import numpy as np

YEAR = 8760
HOURS_A_DAY = 24
# Relative river flow and consumption by month, and how the day goes: our own curves of the region's two peaks and one rainy season.
RIVER = (0.45, 0.42, 0.48, 0.65, 0.95, 1.35, 1.70, 1.60, 1.50, 1.20, 0.80, 0.55)
SEASON = (1.04, 0.99, 0.92, 0.88, 0.90, 0.98, 1.18, 1.24, 1.02, 0.89, 0.93, 1.03)
CONTRACT = (0.45, 0.42, 0.48, 0.70, 1.00, 1.40, 1.65, 1.60, 1.50, 1.20, 0.80, 0.60)
GUSTS = (1.25, 1.20, 1.25, 1.15, 1.00, 0.85, 0.75, 0.75, 0.80, 0.95, 1.10, 1.20)
DAY = (
    0.80, 0.76, 0.74, 0.73, 0.74, 0.78, 0.86, 0.94, 1.00, 1.05, 1.08, 1.09,
    1.06, 1.05, 1.06, 1.07, 1.08, 1.10, 1.14, 1.20, 1.21, 1.13, 1.00, 0.88,
)  # fmt: skip
WEEKEND = 0.94
NOON, LONGEST, SHORTEST = 12.9, 13.9, 10.3  # solar noon in Beijing time, hours of day at the solstices


def by_month(values: tuple[float, ...]) -> np.ndarray:
    """Twelve values at the middles of months as a smooth year of hours, going round at its ends."""
    middle = (np.arange(12) + 0.5) * YEAR / 12
    return np.interp(np.arange(YEAR), middle, values, period=YEAR)


def wander(random: np.random.Generator, *, memory: float, spread: float) -> np.ndarray:
    """Noise that forgets slowly: an AR(1) process of standard deviation `spread` with correlation `memory` from hour to hour."""
    shocks = random.standard_normal(YEAR) * spread * np.sqrt(1 - memory**2)
    return np.fromiter(accumulate(shocks, lambda before, shock: shock + memory * before), float, YEAR)


def load(random: np.random.Generator, *, energy: float, peak: float, first_weekday: int = 2) -> np.ndarray:
    """A year of load in MW with this energy (MWh) and this highest hour (MW), exactly.

    first_weekday: of the first of January, Monday 0. Raises ValueError when the peak is below the mean.

    >>> year = load(np.random.default_rng(1), energy=1.6e8, peak=3.0e4)
    >>> round(year.sum()), round(year.max()), bool(year.min() > 0)
    (160000000, 30000, True)
    """
    mean = energy / YEAR
    if peak <= mean:
        raise ValueError(f"a peak of {peak:g} MW cannot carry {energy:g} MWh")
    hour = np.arange(YEAR)
    weekday = (hour // HOURS_A_DAY + first_weekday) % 7
    shape = by_month(SEASON) * np.array(DAY)[hour % HOURS_A_DAY] * np.where(weekday >= 5, WEEKEND, 1.0)
    shape = shape * (1 + wander(random, memory=0.97, spread=0.03))
    shape = shape / shape.mean() - 1  # mean 0
    return np.asarray(mean * (1 + shape * (peak / mean - 1) / shape.max()))


def rivers(random: np.random.Generator, *, full_hours: float) -> np.ndarray:
    """A year of what rivers bring, per unit of turbines, with this sum (hours); floods above 1 are not cut off."""
    flow = by_month(RIVER) * np.exp(wander(random, memory=0.995, spread=0.15))
    return np.asarray(flow * full_hours / flow.sum())


def wind(random: np.random.Generator, *, full_hours: float) -> np.ndarray:
    """A year of wind power per unit, between 0 and 1, with this sum (hours)."""
    raw = by_month(GUSTS) * np.exp(wander(random, memory=0.96, spread=0.75))
    return scaled(raw, full_hours)


def sun(random: np.random.Generator, *, full_hours: float) -> np.ndarray:
    """A year of sun per unit, nothing at night, with this sum (hours)."""
    hour = np.arange(YEAR)
    summer = 0.5 - 0.5 * np.cos(2 * np.pi * (hour / HOURS_A_DAY + 10) / 365)
    length = SHORTEST + (LONGEST - SHORTEST) * summer
    height = np.cos(np.pi * (hour % HOURS_A_DAY + 0.5 - NOON) / length)
    up = np.abs(hour % HOURS_A_DAY + 0.5 - NOON) < length / 2
    clouds = np.repeat(random.beta(2.2, 1.8, YEAR // HOURS_A_DAY), HOURS_A_DAY)
    return scaled(np.where(up, height, 0.0) * (0.7 + 0.3 * summer) * clouds, full_hours)


def scaled(raw: np.ndarray, total: float) -> np.ndarray:
    """A series between 0 and 1 with this sum: a factor found by bisection, since what is cut at 1 is lost to the sum.

    >>> scaled(np.array([0.2, 0.4, 4.0]), 1.9).round(3).tolist()
    [0.3, 0.6, 1.0]
    """
    low, high = 0.0, 1.0
    while np.minimum(raw * high, 1).sum() < total:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(raw * middle, 1).sum() < total else (low, middle)
    return np.asarray(np.minimum(raw * high, 1.0))


def contracts(*, energy: float, most: float) -> np.ndarray:
    """A year of energy sent out by contract, MW, with this sum (MWh) and never more than `most`: much when the rivers are high."""
    return scaled(by_month(CONTRACT), energy / most) * most
