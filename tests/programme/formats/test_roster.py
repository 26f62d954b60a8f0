"""Rosters of enterprises as text."""

import pytest

from bashu.programme.errors import RosterWrong
from bashu.programme.formats import roster


@pytest.mark.parametrize("heading", ["", "credit_code\n", "统一社会信用代码,名称\n"])
def test_takes_the_first_column_with_or_without_a_heading(heading):
    assert roster.read(f"{heading}AAA,one\n\n BBB \n".encode("utf-8-sig")) == ["AAA", "BBB"]


def test_what_is_not_text_is_refused():
    with pytest.raises(RosterWrong):
        roster.read(b"\xff\xfe")


def test_a_line_that_begins_like_a_formula_is_kept_for_the_check_to_refuse():
    assert roster.read(b"=1+1\n") == ["=1+1"]
