"""Canonical JSON beside the rfc8785 library."""

import enum
import string

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bashu.kernel.journal.engine.canonical import canonical

SAFE = 2**53 - 1
# Keys from both sides of the place where UTF-8 and UTF-16 order part: U+E000–U+FFFF and beyond U+FFFF.
keys = st.text(max_size=4) | st.text(st.sampled_from('aé巴\ue000\uffee\U00010000\U0001f600\x00\x7f"\\'), max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.text() | st.text(string.printable),
    lambda inner: (
        st.lists(inner, max_size=5) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(keys, inner, max_size=5)
    ),
    max_leaves=20,
)


class Colour(enum.StrEnum):
    RED = "red"


class TestCanonical:
    @given(values)
    def test_equals_the_rfc8785_library(self, value):
        assert canonical(value) == rfc8785.dumps(value)

    def test_writes_every_character_below_a_hundred_thousand_as_rfc8785_does(self):
        for code in range(0x18000):
            if not 0xD800 <= code <= 0xDFFF:
                assert canonical(chr(code)) == rfc8785.dumps(chr(code)), hex(code)

    def test_sorts_keys_by_utf16_units_as_the_example_of_section_3_2_3(self):
        keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
        written = canonical(dict.fromkeys(keys, 0)).decode()
        places = [written.index(key) for key in ["\\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]]
        assert places == sorted(places)

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ({"a": {"b": [1, 2.0]}}, r"\$\.a\.b\[1\]: a float \(2\.0\)"),
            (float("nan"), r"\$: a float"),
            ({"n": SAFE + 1}, r"\$\.n: the integer is beyond"),
            ([-SAFE - 1], r"\$\[0\]: the integer is beyond"),
            ([10**30], r"\$\[0\]: the integer is beyond"),
            ({"t": "\ud800"}, r"\$\.t: holds a lone surrogate"),
            ({"\udfff": 1}, r"\$: a key: holds a lone surrogate"),
            ({1: 1}, r"\$: the key 1 is not a string"),
            ({Colour.RED: 1}, r"\$: the key .* is not a string"),
            ({"c": Colour.RED}, r"\$\.c: Colour is not a JSON type"),
            ({"\U0001f600": [0.5]}, r"\$\.\U0001f600\[0\]: a float"),
            (b"bytes", r"\$: bytes is not a JSON type"),
        ],
    )
    def test_refuses_what_has_no_canonical_text_and_names_its_path(self, value, message):
        with pytest.raises(ValueError, match=message):
            canonical(value)

    def test_refuses_a_value_that_contains_itself(self):
        loop: list = []
        loop.append(loop)
        with pytest.raises(ValueError, match="nested more than 250 levels"):
            canonical(loop)
