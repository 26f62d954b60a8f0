"""Rates made of yearly, monthly and counted figures."""


def compound_growth(first: float, last: float, periods: int) -> float | None:
    """The constant rate per period that leads from the first value to the last: (last / first) ** (1 / periods) - 1.

    None where there is no period between them or nothing to grow from.

    >>> round(compound_growth(100, 121, 2), 6)
    0.1
    >>> compound_growth(0, 50, 2) is compound_growth(100, 50, 0) is None
    True
    """
    if periods < 1 or first <= 0 or last < 0:
        return None
    return float((last / first) ** (1 / periods) - 1)


def share(part: int, whole: int) -> float | None:
    """A part of a whole, None of nothing.

    >>> share(3, 4), share(0, 0)
    (0.75, None)
    """
    return part / whole if whole else None
