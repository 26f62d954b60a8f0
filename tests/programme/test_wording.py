"""Numbers in words, in both languages, without losing a digit."""

from decimal import Decimal

import pytest
from django.utils import translation

from bashu.programme import wording
from bashu.programme.engine.judge import Method

YUAN = ("元", "yuan")
CASES = [
    ("1000000000000", "1 万亿元", "CNY 1 trillion"), ("14640000000000", "14.64 万亿元", "CNY 14.64 trillion"),
    ("371000000000", "3,710 亿元", "CNY 371 billion"), ("135000000", "1.35 亿元", "CNY 135 million"),
    ("25000", "2.5 万元", "CNY 25,000"), ("1234.5", "1,234.5 元", "CNY 1,234.5"), ("0", "0 元", "CNY 0"),
]  # fmt: skip


@pytest.mark.parametrize(("yuan", "chinese", "english"), CASES)
def test_money_is_said_by_the_largest_scale_of_each_language(yuan, chinese, english):
    for language, expected in (("zh-hans", chinese), ("en", english)):
        with translation.override(language):
            assert str(wording.amount(Decimal(yuan), *YUAN)) == expected


def test_a_rounded_figure_keeps_every_digit_beside_it():
    with translation.override("zh-hans"):
        said = wording.amount(Decimal("987654321012.34"), *YUAN)
    assert (said.figure, said.exact) == ("9,876.543", "987,654,321,012.34 元")


def test_a_rate_is_a_percentage_and_a_count_keeps_its_unit():
    with translation.override("en"):
        assert str(wording.amount(Decimal("0.1259"), "每年", "per year")) == "12.59% per year"
        assert str(wording.amount(Decimal(500_000), "户", "enterprises")) == "500,000 enterprises"
        assert wording.amount(None, *YUAN) is None


def test_decimals_of_a_formula_are_not_grouped():
    assert wording.formula("26 ≥ 8 + (40 − 8) × 730/1461 = 23.98901234") == "26 ≥ 8 + (40 − 8) × 730/1461 = 23.98901234"
    assert wording.formula("5590000") == "5,590,000"


def test_every_method_has_its_sentence():
    assert set(wording.METHODS) == set(Method)


@pytest.mark.parametrize(
    ("language", "largest", "scale"),
    [
        ("zh-hans", Decimal(6_358_200), (10**4, "万元")), ("zh-hans", Decimal(900), (1, "元")),
        ("en", Decimal(40_535_584), (10**6, "CNY million")), ("en", Decimal(900), (1, "CNY")),
        ("en", None, (10**9, "CNY billion")),
    ],
)  # fmt: skip
def test_a_charts_axis_of_yuan_fits_its_largest_value(language, largest, scale):
    with translation.override(language):
        assert wording.chart_scale("元", "yuan", largest) == scale
