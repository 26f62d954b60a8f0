"""The unified social credit code of legal persons: GB 32100-2015.

Eighteen characters: registering authority (1), kind (1), division (6 digits, GB/T 2260), body (9), check character (1).
The alphabet leaves out I, O, S, V and Z, which are easily misread. The check character makes the sum of the character values,
weighted by the powers of 3 modulo 31, a multiple of 31 (GB 32100-2015, 4.5).

>>> check_digit("91350100M000100Y4")
'3'
>>> is_valid("91350100M000100Y43")
True
>>> str(reason_invalid("91350100M000100Y44"))
'its last character does not fit the others'
"""

from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
MODULUS = 31
VALUE = {character: value for value, character in enumerate(ALPHABET)}
WEIGHTS = tuple(pow(3, place, MODULUS) for place in range(LENGTH - 1))
DIVISION = slice(2, 8)


class Flaw(StrEnum):
    """What can be wrong with a code, in the order in which it is looked for, as a clause about it."""

    LENGTH = "it must have 18 characters"
    ALPHABET = "it may only have digits and capital letters other than I, O, S, V and Z"
    DIVISION = "characters 3 to 8 must be the digits of a division"
    CHECK = "its last character does not fit the others"


def check_digit(first: str) -> str:
    """The check character of the first seventeen characters of a code.

    Raises ValueError when there are not seventeen, or one is outside the alphabet.

    >>> check_digit("911101080000000A")
    Traceback (most recent call last):
    ...
    ValueError: it has 16 characters before the check character, not 17
    """
    if len(first) != LENGTH - 1:
        raise ValueError(f"it has {len(first)} characters before the check character, not {LENGTH - 1}")
    if strange := next((character for character in first if character not in VALUE), None):
        raise ValueError(f"{strange!r} does not occur in such codes")
    total = sum(VALUE[character] * weight for character, weight in zip(first, WEIGHTS, strict=True))
    return ALPHABET[-total % MODULUS]


def reason_invalid(code: str) -> Flaw | None:
    """The first thing wrong with a code, or None when it is valid.

    >>> str(reason_invalid("9135010"))
    'it must have 18 characters'
    """
    if len(code) != LENGTH:
        return Flaw.LENGTH
    if not set(code) <= VALUE.keys():
        return Flaw.ALPHABET
    if not code[DIVISION].isdigit():
        return Flaw.DIVISION
    return None if code[-1] == check_digit(code[:-1]) else Flaw.CHECK


def is_valid(code: str) -> bool:
    """Whether the code is well formed and its check character right."""
    return reason_invalid(code) is None
