"""The unified social credit code against another formulation, and against slips of the pen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bashu.kernel.parties.engine.credit_code import ALPHABET, Flaw, check_digit, is_valid, reason_invalid

firsts = st.builds(
    lambda office, division, body: office + division + body,
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)
codes = firsts.map(lambda first: first + check_digit(first))


def by_trial(first: str) -> str:
    """The check character found by trying all: the one that makes the polynomial in 3 vanish modulo 31 (Horner, exact integers)."""
    fits = []
    for last in ALPHABET:
        value = 0
        for character in reversed(first + last):
            value = value * 3 + ALPHABET.index(character)
        # The weight of the last character is 3**17, which is not 1 modulo 31: the standard gives it the weight 1.
        value += ALPHABET.index(last) * (1 - 3**17)
        if value % 31 == 0:
            fits.append(last)
    (only,) = fits
    return only


@given(firsts)
def test_the_check_character_is_the_only_one_that_fits(first):
    assert check_digit(first) == by_trial(first)


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(code, place, wrong):
    altered = code[:place] + wrong + code[place + 1 :]
    assert is_valid(altered) == (altered == code)


@given(codes, st.integers(0, 16))
def test_every_swap_of_neighbours_is_found(code, place):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert is_valid(swapped) == (swapped == code)


@pytest.mark.parametrize(
    ("code", "flaw"),
    [
        ("", Flaw.LENGTH),
        ("91350100M000100Y4", Flaw.LENGTH),
        ("91350100m000100Y43", Flaw.ALPHABET),
        ("91350100I000100Y43", Flaw.ALPHABET),
        ("９1350100M000100Y43", Flaw.ALPHABET),
        ("9135A100M000100Y43", Flaw.DIVISION),
        ("91350100M000100Y40", Flaw.CHECK),
        ("91350100M000100Y43", None),
    ],
)
def test_the_first_flaw_is_named(code, flaw):
    assert reason_invalid(code) is flaw
