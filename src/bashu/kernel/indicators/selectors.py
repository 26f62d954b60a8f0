"""Asking systems for their readings."""

import logging
from datetime import date
from typing import NamedTuple

from bashu.kernel.indicators.errors import MisplacedMeasurement, UnknownIndicator
from bashu.kernel.indicators.registry import REGISTERED, Indicator, Measurement, discover

logger = logging.getLogger("bashu.indicators")


class Reading(NamedTuple):
    """One offer asked: what it measured, None where there is nothing yet; `failed` when the system could not answer."""

    indicator: Indicator
    measurement: Measurement | None
    failed: bool = False


def offered() -> tuple[Indicator, ...]:
    """Every indicator that installed systems offer, by code."""
    discover()
    return tuple(REGISTERED[code] for code in sorted(REGISTERED))


def purposes() -> dict[str, str]:
    """Each offered indicator's sentence by its code, in the language being spoken."""
    return {one.code: str(one.purpose) for one in offered()}


def measure(code: str, as_of: date) -> Measurement | None:
    """The figure of one indicator as of a day, None where there is nothing to measure yet.

    Raises UnknownIndicator (404), and MisplacedMeasurement when the answer speaks of days after `as_of`.
    """
    discover()
    if code not in REGISTERED:
        raise UnknownIndicator(indicator=code)
    found = REGISTERED[code].selector(as_of)
    if found is not None and found.period_end > as_of:
        raise MisplacedMeasurement(indicator=code, as_of=as_of, period_end=found.period_end)
    return found


def measure_all(as_of: date) -> tuple[Reading, ...]:
    """Every offered indicator as of a day. One that fails is logged and marked; it does not take the others with it."""
    return tuple(_ask(indicator, as_of) for indicator in offered())


def _ask(indicator: Indicator, as_of: date) -> Reading:
    try:
        return Reading(indicator, measure(indicator.code, as_of))
    except Exception:
        logger.exception("indicator failed", extra={"indicator": indicator.code})
        return Reading(indicator, None, failed=True)
