"""Lint: each kind of finding, and none where there is nothing to find."""

from pathlib import Path

import pytest

import bashu.policy
from bashu.policy.engine.lint import lint
from bashu.policy.formats.rule_files import read_rules, rules_of_text

SHIPPED = Path(bashu.policy.__file__).parent / "facts" / "regional"
TEXT = """catalogue: test
sources: {law: {title: a law}}
facts:
  area: {label: {zh: 面积, en: area}, unit: m2, max: 1000}
parameters:
  rate:
    label: {zh: 率, en: rate}
    unit: yuan/m2/year
    versions:
      - {in: CN, from: 2020-01-01, to: 2022-12-31, value: 1, status: sourced, source: law}
      - {in: CN, from: 2023-01-01, value: 2, status: sourced, source: law}
levies:
  levy:
    label: {zh: 项, en: levy}
    accrual: {by: month}
    base: area
    rate: rate
    sources: [law]
    setter: {zh: 无, en: nobody}
    from: 2020-01-01
"""


def found(text):
    return [str(finding) for finding in lint(rules_of_text(text))]


class TestLint:
    def test_rules_in_order_have_no_finding(self):
        assert found(TEXT) == []

    @pytest.mark.parametrize(
        ("old", "new", "finding"),
        [
            (
                "from: 2023-01-01",
                "from: 2023-03-01",
                "rules.yaml:11: gap: rate CN: nothing holds from 2023-01-01 to 2023-02-28",
            ),
            (
                "from: 2023-01-01",
                "from: 2022-06-01",
                "rules.yaml:11: overlap: rate CN: another version still holds on 2022-06-01",
            ),
            (
                "status: sourced, source: law}\nlevies",
                "status: assumed, source: law}\nlevies",
                "rules.yaml:11: unverified: rate CN from 2023-01-01 is assumed",
            ),
            ("value: 2", "value: null", "rules.yaml:11: unknown: rate CN from 2023-01-01 is not known"),
            ("rate: rate", "rate: 0\n    amount: area * 0", "rules.yaml:6: unreachable: nothing reads rate"),
            (
                "base: area",
                "base: area * area",
                "rules.yaml:13: rule: levy gives fen·m2/month, but accrual by month needs fen/month",
            ),
            (
                "max: 1000}",
                "max: 1e18}",
                "rules.yaml:13: rule: a sum or comparison may leave 64 bits (±1.00e+20): declare a narrower range or round earlier",
            ),
            (
                "levies:",
                "checks: {wide: {label: {zh: 宽, en: wide}, holds: area + 1 > area}}\nlevies:",
                "rules.yaml:12: rule: units differ: m2 and 1",
            ),
            ("sources: [law]", "sources: []", "rules.yaml:13: citation: levy names no source"),
        ],
    )
    def test_each_kind_of_finding(self, old, new, finding):
        assert finding in found(TEXT.replace(old, new))

    def test_shipped_rules_have_only_findings_about_sources(self):
        findings = lint(read_rules(SHIPPED))
        assert findings
        assert {finding.kind for finding in findings} == {"unverified", "unknown"}
        assert all(finding.strict for finding in findings)
