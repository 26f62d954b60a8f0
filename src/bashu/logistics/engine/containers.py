"""ISO 6346 container numbers: owner code, category, serial number, check digit."""

import re

FORM = re.compile(r"[A-Z]{3}[UJZ]\d{6}")
VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True)
)


def check_digit(number: str) -> int:
    """The check digit of the first ten characters (ISO 6346:2022, annex A): letters count 10 to 38 without multiples of
    11, the n-th character weighs 2 to the n, and the sum is taken modulo 11 and then modulo 10.

    Raises ValueError when they are not three letters, U, J or Z, and six digits.

    >>> check_digit("CSQU305438")
    3
    """
    if not FORM.fullmatch(number):
        raise ValueError(f"{number!r} is not three letters, U, J or Z, and six digits")
    return sum(VALUES[character] << place for place, character in enumerate(number)) % 11 % 10


def is_container_number(number: str) -> bool:
    """Whether all eleven characters are right.

    >>> is_container_number("CSQU3054383"), is_container_number("CSQU3054384"), is_container_number("CSQU305438")
    (True, False, False)
    """
    return bool(FORM.fullmatch(number[:10])) and number[10:] == str(check_digit(number[:10]))
