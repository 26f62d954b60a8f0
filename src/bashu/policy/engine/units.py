"""Units as types: yuan and fen, square metres, pollution equivalents, persons, months.

A unit is a product of powers of base units and a factor to them; "yuan/m2/year" is 100 fen per m² per 12 months.
"""

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from bashu.policy.engine.faults import RuleFault

FACTORS: dict[str, tuple[Fraction, str]] = {
    "fen": (Fraction(1), "fen"),
    "yuan": (Fraction(100), "fen"),
    "wan_yuan": (Fraction(1_000_000), "fen"),
    "m2": (Fraction(1), "m2"),
    "mu": (Fraction(2000, 3), "m2"),
    "m3": (Fraction(1), "m3"),
    "kg": (Fraction(1), "kg"),
    "t": (Fraction(1000), "kg"),
    "mg": (Fraction(1, 1_000_000), "kg"),
    "kWh": (Fraction(1), "kWh"),
    "MWh": (Fraction(1000), "kWh"),
    "litre": (Fraction(1, 1000), "m3"),
    "equivalent": (Fraction(1), "equivalent"),
    "person": (Fraction(1), "person"),
    "vehicle": (Fraction(1), "vehicle"),
    "TEU": (Fraction(1), "TEU"),
    "month": (Fraction(1), "month"),
    "year": (Fraction(12), "month"),
    "1": (Fraction(1), ""),
    "%": (Fraction(1, 100), ""),
    "‰": (Fraction(1, 1000), ""),
}
NAME = re.compile(r"[*/]|[^*/\s]+")


class Unit(NamedTuple):
    """Powers of base units, sorted by name, and the factor from one of this unit to them."""

    powers: tuple[tuple[str, int], ...]
    factor: Fraction = Fraction(1)

    def times(self, other: "Unit", sign: int = 1) -> "Unit":
        """The product, or with sign −1 the quotient, of two units."""
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + sign * power
        factor = self.factor * other.factor if sign > 0 else self.factor / other.factor
        return Unit(tuple(sorted((name, power) for name, power in powers.items() if power)), factor)

    def __str__(self) -> str:
        above = "·".join(name for name, power in self.powers for _ in range(power)) or "1"
        return above + "".join(f"/{name}" for name, power in self.powers for _ in range(-power))


LONGEST_NUMBER, LARGEST_POWER = 80, 30  # a few characters could else ask for gigabytes of digits
POWER = re.compile(r"[eE]([-+]?[0-9_]+)")
PURE = Unit(())
MONEY = Unit((("fen", 1),))
MONEY_A_MONTH = Unit((("fen", 1), ("month", -1)))
MONTH = Unit((("month", 1),))


def plain_number(text: str) -> Fraction:
    """An exact number. Raises RuleFault for what is none, and for one too long to be meant.

    >>> plain_number("3.90"), plain_number("1/3")
    (Fraction(39, 10), Fraction(1, 3))
    """
    power = POWER.search(text)
    if len(text) > LONGEST_NUMBER or (power and abs(int(power[1])) > LARGEST_POWER):
        raise RuleFault(f"{text[:20]}… is longer than a number here can be")
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise RuleFault(f"{text} is not a number") from None


@lru_cache(maxsize=1024)
def unit(text: str) -> Unit:
    """Read a unit.

    >>> unit("yuan/m2/year")
    Unit(powers=(('fen', 1), ('m2', -1), ('month', -1)), factor=Fraction(25, 3))
    >>> str(unit("yuan/m2") .times(unit("m2")))
    'fen'
    """
    result, sign = PURE, 1
    for part in NAME.findall(text):
        if part in "*/":
            sign = 1 if part == "*" else -1
            continue
        if part not in FACTORS:
            raise RuleFault(f"unknown unit {part!r}; known: {', '.join(FACTORS)}")
        factor, base = FACTORS[part]
        result = result.times(Unit(((base, 1),) if base else (), factor), sign)
    return result
