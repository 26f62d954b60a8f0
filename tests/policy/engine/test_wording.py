"""Formulas in words: names become labels, the arithmetic keeps its meaning."""

import pytest

from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.wording import in_words, words
from bashu.policy.formats.rule_files import rules_of_text
from bashu.policy.selectors.library import shipped

RULES = rules_of_text("""catalogue: t
facts:
  a: {label: {zh: 甲, en: A}}
  b: {label: {zh: 乙, en: B}}
tables:
  t: {label: {zh: 表, en: table}, facts: {x: {label: {zh: 数, en: X}}, k: {label: {zh: 组, en: K}, type: text}}}
""")


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("a * (b + 1)", "A × (B + 1)", "甲 × (乙 + 1)"),
        ("a - (b - 1)", "A − (B − 1)", "甲 − (乙 − 1)"),
        ("a - b - 1", "A − B − 1", "甲 − 乙 − 1"),
        ("a / (b * 2)", "A ÷ (B × 2)", "甲 ÷ (乙 × 2)"),
        ("sum(t.x, where=t.x > 2)", "the sum of “X” over all rows (only where X > 2)", "各行“数”之和（只计数 > 2）"),
        ("top(t.x, 3, per=[t.k])", "for each K, the 3 largest of “X”", "每一组中“数”最大的 3 项"),
        (
            "a if b > 1 and not a == 2 else 0",
            "A if B > 1 and not A = 2, else 0",
            "若乙 > 1 且 不符合“甲 = 2”则 甲，否则 0",
        ),
        ("max(a, 0)", "the larger of “A” and “0”", "“甲”与“0”中较大者"),
    ],
)
def test_each_form(text, en, zh):
    assert (words(text, RULES, "en"), words(text, RULES, "zh")) == (en, zh)


def test_numbers_may_stand_with_their_value_and_choices_with_their_names():
    assert words('a == "low" or b > 1', RULES, "en", {"b": "5 %", "low": "cheap"}) == "A = cheap or 5 % > 1"


def test_every_shipped_formula_can_be_said():
    rules = shipped()
    formulas = [formula for one in rules.definitions.values() for formula in one.formulas]
    formulas += [
        formula
        for levy in rules.levies.values()
        for formula in (levy.base, levy.rate, levy.amount, levy.cap)
        if formula
    ]
    for formula in formulas:
        for language in ("zh", "en"):
            assert "(" not in in_words(formula, rules, language).replace("(to", "").replace("(only", "").replace(
                " (1 −", ""
            ), formula.text


def test_what_is_no_expression_is_refused():
    with pytest.raises(RuleFault):
        words("a +", RULES, "en")
