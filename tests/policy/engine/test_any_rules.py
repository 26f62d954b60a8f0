"""Any rules: random levies of every kind the language has, over random entities, against the slow reading, and what must hold of all.

The generator counts the branches it reaches, and fails when one of them stays unreached.
"""

import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from tests.policy import slow_rules

from bashu.policy.engine.levies import WINNERS, compile_levies, evaluate
from bashu.policy.engine.periods import period
from bashu.policy.engine.rules import PROVINCES
from bashu.policy.formats.entities import of_objects
from bashu.policy.formats.rule_files import rules_of_text

HEAD = """catalogue: any
sources: {law: {title: a law}}
choices: {grade: [one, two, three], medium: [air, water]}
facts:
  area: {label: {zh: 面积, en: area}, unit: m2, decimals: 2, max: 1000}
  income: {label: {zh: 收入, en: income}, unit: yuan/year, decimals: 2, max: 1000000}
  staff: {label: {zh: 人, en: staff}, unit: person, max: 100}
  small: {label: {zh: 小, en: small}, type: boolean}
  grade: {label: {zh: 级, en: grade}, type: choice, choice: grade}
  signed: {label: {zh: 日, en: signed}, type: date}
tables:
  parcels:
    label: {zh: 地块, en: parcels}
    rows: 10
    facts:
      on: {label: {zh: 日, en: day}, type: date}
      owner: {label: {zh: 户, en: owner}, type: text}
      medium: {label: {zh: 介质, en: medium}, type: choice, choice: medium}
      size: {label: {zh: 面积, en: size}, unit: m2, decimals: 2, max: 1000}
"""
LIMITS = """
  large: {label: {zh: 大, en: large}, unit: m2, versions: [{in: CN, from: 2000-01-01, value: 500, status: sourced, source: law}]}
  many: {label: {zh: 多, en: many}, unit: person, versions: [{in: CN, from: 2000-01-01, value: 50, status: sourced, source: law}]}
"""[1:]  # fmt: skip
YEARLY = {  # formula of a year by month or day: what numbers it reads
    "area * rate": ["rate"],
    "area * graded[grade]": ["graded"],
    "bracket(income, scale)": ["scale"],
    "band(staff, bands)": ["bands"],
    "steps(staff, bands)": ["bands"],
    "area * rate - fixed": ["rate", "fixed"],
    "(area if small else area / 3) * rate": ["rate"],
}
ONCE = {  # formula of an event
    "area * rate": ["rate"],
    "sum(parcels.size) * rate": ["rate"],
    'sum(top(parcels.size, 2, per=[parcels.owner], where=parcels.medium == "air")) * rate': ["rate"],
    "sum(parcels.size * graded[grade]) - fixed": ["graded", "fixed"],
}
LATE = "{id: late, label: {zh: 减, en: less}, when: small, pay: 0, from: 2030-01-01, status: sourced, source: law}"
NOTHING = "{id: none, label: {zh: 无, en: none}, when: small, pay: 1, from: 2025-05-01, status: sourced, source: law}"
WHEN = ["small", "area > large", 'grade == "two"', "staff >= many or not small"]
SIDES = (("CQ", "SC"), ("CQ", "SC"), ("CN",))


def number(rng, digits=3, most=40):
    if rng.random() < 0.1:
        return "0"
    return rng.choice([f"{rng.randrange(most * 10**digits) / 10**digits:.{digits}f}", str(rng.randrange(most))])


def cuts(rng):
    """Up to three days on which something changes, most of them inside 2024 and 2025."""
    days = {date(2023, 6, 1) + timedelta(days=rng.randrange(1100)) for _ in range(rng.choice([0, 0, 1, 2, 3]))}
    return sorted(days | ({date(2024, rng.randint(2, 12), 1)} if rng.random() < 0.3 else set()))


def parameter(rng, name, yearly):
    """A number with versions for each side, or for the nation."""
    per = "/year" if yearly else ""
    shape = {
        "rate": (f"yuan/m2{per}", "", lambda: number(rng)),
        "graded": (f"yuan/m2{per}", "by: grade, ", lambda: f"{{one: {number(rng)}, two: {number(rng)}, three: {number(rng)}}}"),
        "scale": ("1", "threshold_unit: yuan/year, ", lambda: brackets(rng, (0, 3000, 120000), "%")),
        "bands": (f"yuan{per}", "threshold_unit: person, ", lambda: brackets(rng, (0, 10, 50), "")),
        "fixed": (f"yuan{per}", "", lambda: number(rng, 2, 20000)),
        "off": (f"yuan{per}", "", lambda: number(rng, 2, 5000)),
        "most": (f"yuan{per}", "", lambda: number(rng, 2, 20000)),
    }  # fmt: skip
    unit, extra, value = shape[name]
    versions = []
    for side in rng.choice(SIDES):
        starts = [date(2000, 1, 1), *cuts(rng)]
        for index, start in enumerate(starts):
            end = f", to: {starts[index + 1] - timedelta(days=1)}" if index + 1 < len(starts) else ""
            versions.append(f"{{in: {side}, from: {start}{end}, value: {value()}, status: sourced, source: law}}")
    return f"  {name}: {{label: {{zh: 数, en: {name}}}, unit: {unit}, {extra}versions: [{', '.join(versions)}]}}\n"


def brackets(rng, edges, sign):
    return f"[{', '.join(f'{{above: {edge}, value: {number(rng)}{sign}}}' for edge in edges)}]"


def relief(rng, index, reads):
    """A share to pay or an amount off, now and then for a time only."""
    said = f"pay: {rng.choice(['50%', '0', '1/3', '0.9'])}"
    if rng.random() < 0.5:
        said, _ = "less: off", reads.add("off")
    dated = f", from: 2024-0{rng.randint(1, 9)}-{rng.randint(10, 28)}" if rng.random() < 0.3 else ""
    dated += f", to: 2025-0{rng.randint(1, 9)}-{rng.randint(10, 28)}" if rng.random() < 0.3 else ""
    when = rng.choice(WHEN)
    return f"{{id: r{index}, label: {{zh: 减, en: less}}, when: '{when}', {said}{dated}, status: sourced, source: law}}"


def random_rules(rng):
    """The text of a rule set with one levy."""
    by = rng.choice(["month", "day", "signed", "parcels.on"])
    yearly = by in ("month", "day")
    allowed = [key for key in (YEARLY if yearly else ONCE) if yearly or ("parcels" in key) == (by == "parcels.on")]
    formula = rng.choice(allowed)
    reads = set((YEARLY if yearly else ONCE)[formula])
    amount = f"amount: '{formula}'"
    if rng.random() < 0.2:
        weaker = ", over: [first]" if rng.random() < 0.7 else ""
        amount = (
            f"amount: {{value: '{formula}', exceptions: [{{id: first, when: small, value: '({formula}) * 2'}}, "
            f"{{id: second, when: 'area > large', value: '({formula}) / 7'{weaker}}}]}}"
        )
    reliefs = [relief(rng, index, reads) for index in range(rng.choice([0, 0, 1, 2, 3]))]
    cap = ""
    if rng.random() < 0.4:
        cap, _ = "    cap: most\n", reads.add("most")
    accrual = f"{{by: {by}}}" if yearly else f"{{by: event, date: {by}}}"
    return (
        HEAD + "parameters:\n" + LIMITS + "".join(parameter(rng, name, yearly) for name in sorted(reads)) + "levies:\n"
        f"  levy:\n    label: {{zh: 项, en: levy}}\n    accrual: {accrual}\n    base: area\n    {amount}\n"
        f"    reliefs: [{', '.join(reliefs)}]\n{cap}    rounding: {rng.choice(['half_up', 'half_up', 'down', 'up'])}\n"
        f"    sources: [law]\n    setter: {{zh: 无, en: nobody}}\n    from: {rng.choice(['2000-01-01', '2024-03-15'])}\n"
    )  # fmt: skip


def random_entity(rng, index):
    def day():
        return (date(2023, 12, 25) + timedelta(days=rng.randrange(740))).isoformat()

    def size():
        return rng.choice(["0", "500", "500.01", f"{rng.randrange(100_000) / 100:.2f}"])

    parcels = [
        {"on": day(), "owner": rng.choice("AB"), "medium": rng.choice(["air", "water"]), "size": size()}
        for _ in range(rng.choice([0, 1, 4, 10]))
    ]
    return {
        "id": f"e{index}", "area": size(), "income": rng.choice(["0", "3000", "120000", f"{rng.randrange(10**8) / 100:.2f}"]),
        "staff": rng.choice([0, 9, 10, 11, 49, 50, 51, 100]), "small": rng.random() < 0.5,
        "grade": rng.choice(["one", "two", "three"]), "signed": day(), "parcels": parcels,
    }  # fmt: skip


def random_case(seed, count=6):
    rng = random.Random(seed)
    text = random_rules(rng)
    return (
        text,
        [random_entity(rng, index) for index in range(count)],
        rng.choice(["2024", "2025", "2024-Q1", "2025-03"]),
    )


def answer(text, entities, when):
    rules = rules_of_text(text)
    return rules, evaluate(compile_levies(rules, period(when)), of_objects(entities, rules))[0]


def settled(found, index):
    """Whether no two exceptions of an entity contradict one another."""
    return found.conflict is None or not found.conflict[index]


def swapped(text):
    return text.replace("in: CQ", "in: XX").replace("in: SC", "in: CQ").replace("in: XX", "in: SC")


class TestEveryResult:
    @pytest.mark.parametrize("first", [0, pytest.param(100, marks=pytest.mark.slow)])
    def test_equals_the_slow_reading_and_every_branch_is_reached(self, first):
        reached = Counter()
        for seed in range(first, first + (100 if first == 0 else 900)):
            text, entities, when = random_case(seed)
            rules, found = answer(text, entities, when)
            levy, parts = found.plan.levy, [part.period for part in found.plan.parts]
            assert slow_parts(text, rules, when) == parts
            for index, entity in enumerate(entities):
                if not settled(found, index):
                    reached["conflict"] += 1
                    continue
                dues = [slow_rules.levy_dues(rules, levy, entity, province, parts) for province in PROVINCES]
                lower = [min(pair) for pair in zip(*dues, strict=True)]
                got = (int(found.cq[index]), int(found.sc[index]), int(found.payable[index]))
                assert got == (sum(dues[0]), sum(dues[1]), sum(lower)), (seed, text, entity)
                count_branches(reached, found, index, dues, got)
            reached[levy.accrual.by] += 1
            reached[levy.rounding] += 1
            reached["cap"] += levy.cap is not None
            reached["several parts with a cap, by event"] += bool(levy.cap and len(parts) > 1 and levy.accrual.date)
            reached["several parts, an amount off"] += len(parts) > 1 and any(item.less for item in levy.reliefs)
            reached["several reliefs"] += len(levy.reliefs) > 1
            reached["begins inside"] += levy.start > period(when).start
        assert min(reached.values()) > 0, reached
        assert len(reached) == 19, reached

    def test_payable_is_below_both_totals_only_when_the_parts_differ(self):
        below = 0
        for seed in range(60):
            text, entities, when = random_case(seed)
            _, found = answer(text, entities, when)
            lesser = np.minimum(found.cq, found.sc)
            assert (found.payable <= lesser).all()
            if len(found.plan.parts) <= 1:
                assert (found.payable == lesser).all()
            below += int((found.payable < lesser).sum())
        assert below


def count_branches(reached, found, index, dues, got):
    """Which branches one result has gone through."""
    reached[f"winner {WINNERS[found.winner()[index]]}"] += 1
    reached["nothing due"] += got == (0, 0, 0)
    reached["less than nothing due"] += min(got) < 0
    reached["below both"] += got[2] < min(got[:2])
    reached["several parts"] += len(dues[0]) > 1


def slow_parts(text, rules, when):
    """The period cut where anything in force differs, looked for day by day; by month only on firsts of months."""
    levy, whole, parts, before = rules.levies["levy"], period(when), [], None
    for ordinal in range(whole.start.toordinal(), whole.end.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if levy.accrual.by == "month" and day.day > 1:
            if parts:
                parts[-1] = (parts[-1][0], day)
            continue
        if day < levy.start:
            continue
        held = tuple(
            version.start for number in rules.parameters.values() for version in number.versions if version.holds(day)
        )
        held += tuple(item.start <= day and (item.end is None or day <= item.end) for item in levy.reliefs)
        parts = [*parts[:-1], (parts[-1][0], day)] if parts and held == before else [*parts, (day, day)]
        before = held
    return parts  # fmt: skip


@pytest.mark.slow
class TestSwapping:
    def test_the_provinces_swaps_the_answer(self):
        for seed in range(60):
            text, entities, when = random_case(seed)
            (_, one), (_, other) = (answer(said, entities, when) for said in (text, swapped(text)))
            assert (one.cq == other.sc).all()
            assert (one.sc == other.cq).all()
            assert (one.payable == other.payable).all()
            assert (one.saving() == other.saving()).all()


@pytest.mark.slow
class TestCaps:
    def test_a_higher_cap_never_takes_less(self):
        bound = 0
        for seed in range(200):
            text, entities, when = random_case(seed)
            if "cap: most" not in text:
                continue
            (_, low), (_, high), (_, free) = (
                answer(said, entities, when)
                for said in (
                    text,
                    text.replace("cap: most", "cap: most * 1.5"),
                    text.replace("cap: most", "cap: most * 1000"),
                )
            )
            several = low.plan.levy.accrual.by == "event" and len(low.plan.parts) - 1  # each part is rounded by itself
            for side in ("cq", "sc", "payable"):
                one, two, three = (getattr(found, side) for found in (low, high, free))
                assert (one <= two + several).all(), (seed, text)
                assert (two <= three + several).all(), (seed, text)
                bound += int((one < three).sum())
        assert bound > 20


@pytest.mark.slow
class TestTime:
    def test_rules_of_later_days_leave_old_dates_as_they_were(self):
        """Every open version ends in 2029 and another value follows; a relief of 2030 is added."""
        for seed in range(60):
            text, entities, when = random_case(seed)
            last = "status: sourced, source: law}]}\n"
            later = text.replace("reliefs: [", f"reliefs: [{LATE}, ")
            lines = [with_later_version(line) if line.endswith(last) else line for line in later.splitlines(True)]
            (_, before), (rules, after) = (answer(said, entities, when) for said in (text, "".join(lines)))
            assert any(version.start.year == 2030 for one in rules.parameters.values() for version in one.versions)
            for side in ("cq", "sc", "payable"):
                assert (getattr(before, side) == getattr(after, side)).all()

    def test_cutting_a_period_where_nothing_differs_moves_no_more_than_the_rounding(self):
        cut = 0
        for seed in range(120):
            text, entities, _ = random_case(seed)
            relieved = text.replace("reliefs: [", f"reliefs: [{NOTHING}, ")
            if "fixed" in text or "top(" in text:  # by event a formula sees the rows of one part
                continue
            (_, whole), (_, parts) = (answer(said, entities, "2025") for said in (text, relieved))
            more = len(parts.plan.parts) - len(whole.plan.parts)
            cut += more
            for side in ("cq", "sc"):
                assert (np.abs(getattr(whole, side) - getattr(parts, side)) <= more + 1).all(), (seed, text)
        assert cut > 50


def with_later_version(line):
    """A number whose last version of each side ends, and is followed by another."""
    head, _, rest = line.partition("versions: [")
    said = []
    for version in rest.removesuffix("]}\n").split("}, {in:"):
        whole = version if version.startswith("{in:") else "{in:" + version
        whole = whole if whole.endswith("source: law}") else whole + "}"
        if ", to: " not in whole:
            start = whole[whole.index("from: ") + 6 :][:10]
            said.append(whole.replace(start, f"{start}, to: 2029-12-31"))
            whole = whole.replace(start, "2030-01-01")
        said.append(whole)
    return f"{head}versions: [{', '.join(said)}]}}\n"
