"""Lint: each kind of finding, and none where there is nothing to find."""
# ruff: noqa: E501

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

import bashu.policy
from bashu.policy.engine.delegating import delegation_for, quota_on
from bashu.policy.engine.lint import lint
from bashu.policy.formats.rule_files import read_rules, rules_of_text
from bashu.policy.formats.yaml_lines import FileFaults

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
            (
                "rate: rate",
                "rate: rate\n    reliefs: [{id: vast, label: {zh: 大, en: vast}, when: area < area * 0, pay: 0, status: sourced, source: law}]",
                "rules.yaml:18: unreachable: levy: vast can never hold",
            ),
            (
                "base: area",
                "base: {value: area, exceptions: [{id: none, when: area < area * 0, value: 0}]}",
                "rules.yaml:16: unreachable: none can never hold",
            ),
        ],
    )
    def test_each_kind_of_finding(self, old, new, finding):
        assert finding in found(TEXT.replace(old, new))

    def test_a_national_levy_that_reads_a_number_of_one_province(self):
        text = TEXT.replace("rate: rate", "rate: rate\n    comparand: false").replace("in: CN", "in: CQ")
        assert "rules.yaml:13: comparand: levy is national, yet rate is CQ's" in found(text)

    def test_shipped_rules_have_only_findings_about_sources(self):
        findings = lint(read_rules(SHIPPED))
        assert findings
        assert {finding.kind for finding in findings} == {"unverified", "unknown"}
        assert all(finding.strict for finding in findings)


GIVEN = """
areas: {powers: {label: {zh: 权限, en: powers}, quote: 依法下放, status: sourced, source: law}}
delegations:
  one:
    {label: {zh: 一, en: one}, in: CQ, holder: {zh: 甲, en: A}, powers: {approve: {zh: 审批, en: approve}}, divisions: ["500112"],
     from: 2021-01-01, to: 2024-12-31, status: sourced, source: law, area: powers}
  two:
    {label: {zh: 二, en: two}, in: CQ, holder: {zh: 乙, en: B}, powers: {approve: {zh: 审批, en: approve}}, divisions: ["500112"],
     from: 2025-01-01, status: sourced, source: law}
quotas:
  land: {label: {zh: 地, en: land}, unit: mu, versions: [{in: CQ, from: 2021-01-01, value: 300.5, status: sourced, source: law}]}
"""


class TestDelegationsAndQuotas:
    def test_in_order_they_have_no_finding(self):
        assert found(TEXT + GIVEN) == []

    @pytest.mark.parametrize(
        ("old", "new", "finding"),
        [
            ("from: 2025-01-01", "from: 2024-06-01", "overlap: approve is given by CQ to another holder already, in one"),
            ("powers: {approve: {zh: 审批, en: approve}}, ", "", "unknown: one: the powers given are not known"),
            ("status: sourced, source: law, area", "status: assumed, source: law, area", "unverified: delegation one is assumed"),
            ("value: 300.5", "value: null", "unknown: land CQ from 2021-01-01 is not known"),
            (
                "value: 300.5, status: sourced, source: law}]",
                "to: 2021-12-31, value: 1, status: sourced, source: law},\n"
                "    {in: CQ, from: 2023-01-01, value: 2, status: sourced, source: law}]",
                "gap: land CQ: nothing holds from 2022-01-01 to 2022-12-31",
            ),
        ],
    )  # fmt: skip
    def test_each_kind_of_finding(self, old, new, finding):
        assert any(line.endswith(finding) for line in found(TEXT + GIVEN.replace(old, new, 1)))

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ("area: powers}", "area: nowhere}", "no area is called nowhere"),
            ("source: law}]}", "source: none}]}", "no source is called none"),
            ("value: 300.5", "value: -1", "land: a quota is not below zero"),
            ("unit: mu", "unit: acre", "unknown unit 'acre'"),
        ],
    )
    def test_what_points_nowhere_is_refused_with_its_line(self, old, new, says):
        with pytest.raises(FileFaults, match=rf"rules\.yaml:\d+: .*{says}"):
            rules_of_text(TEXT + GIVEN.replace(old, new, 1))

    @pytest.mark.parametrize(
        ("division", "on", "basis"),
        [
            ("500112104", date(2024, 12, 31), "one"),
            ("500112104", date(2025, 1, 1), "two"),
            ("511623", date(2025, 1, 1), None),
            ("500112", date(2020, 12, 31), None),
        ],
    )
    def test_an_act_has_the_delegation_in_force_in_its_division(self, division, on, basis):
        rules = rules_of_text(TEXT + GIVEN)
        given = delegation_for(rules, side="CQ", power="approve", division=division, on=on)
        assert (given.id if given else None) == basis
        assert delegation_for(rules, side="SC", power="approve", division=division, on=on) is None

    def test_a_quota_has_the_size_of_its_day(self):
        quota = rules_of_text(TEXT + GIVEN).quotas["land"]
        assert quota_on(quota, side="CQ", on=date(2025, 1, 1)) == Fraction("300.5")
        assert quota_on(quota, side="CQ", on=date(2020, 1, 1)) is None
        assert quota_on(quota, side="SC", on=date(2025, 1, 1)) is None
