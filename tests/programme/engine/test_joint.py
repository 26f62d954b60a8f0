"""What two sides say together."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bashu.programme.engine.joint import joint_readings, union_count
from bashu.programme.engine.judge import Basis, Kind, Measure, Operator, Reading, Status, Target, judge

seeded = settings(max_examples=200)
END = date(2025, 12, 31)


def reading(value: int, **changes: object) -> Reading:
    return Reading(END, Decimal(value), date(2025, 1, 1), confirmed_on=date(2026, 1, 10))._replace(**changes)


class TestUnionCount:
    def test_an_enterprise_on_both_rosters_counts_once(self):
        counted = union_count({"CQ": ["A", "B"], "SC": ["B", "C", "D"]})
        assert counted == (4, {"CQ": 2, "SC": 3}, 1)

    def test_no_roster_is_nobody(self):
        assert union_count({}) == (0, {}, 0)

    @seeded
    @given(st.lists(st.integers(0, 30).map(str)), st.lists(st.integers(0, 30).map(str)))
    def test_it_agrees_with_counting_by_hand(self, chongqing, sichuan):
        seen: list[str] = []
        for code in chongqing + sichuan:
            if code not in seen:
                seen.append(code)
        both = [code for code in seen if code in chongqing and code in sichuan]
        counted = union_count({"CQ": chongqing, "SC": sichuan})
        assert (counted.total, counted.shared) == (len(seen), len(both))
        assert counted.total == sum(counted.by_side.values()) - counted.shared


class TestJointReadings:
    def test_both_sides_of_one_period_add_up_to_the_region(self):
        (region,) = joint_readings(
            [reading(4, basis=Basis.MEASURED)], [reading(5, confirmed_on=date(2026, 3, 1))], additive=True
        )
        assert (region.value, region.whole) == (9, True)
        assert region.confirmed_on == date(2026, 3, 1)
        assert region.basis is Basis.REPORTED

    def test_measured_on_both_sides_is_measured(self):
        (region,) = joint_readings(
            [reading(4, basis=Basis.MEASURED)], [reading(5, basis=Basis.MEASURED)], additive=True
        )
        assert region.basis is Basis.MEASURED

    def test_one_side_alone_is_partial_and_judges_nothing(self):
        alone = joint_readings([reading(10**13)], [], additive=True)
        assert [(r.whole, r.share) for r in alone] == [(False, None)]
        revenue = Target(Kind.LEVEL, Measure.FLOW, Operator.GT, Decimal(10**12), deadline=END)
        assert judge(revenue, alone, date(2026, 6, 1)).status is Status.NO_DATA

    def test_different_periods_do_not_add_up(self):
        other = reading(5, period_start=date(2025, 2, 1))
        assert [r.whole for r in joint_readings([reading(4)], [other], additive=True)] == [False, False]

    def test_what_is_not_additive_is_not_added(self):
        assert [r.value for r in joint_readings([reading(4)], [reading(5)], additive=False)] == [4, 5]
        assert not any(r.whole for r in joint_readings([reading(4)], [reading(5)], additive=False))

    def test_a_draft_beside_a_confirmed_figure_does_not_disturb_the_sum(self):
        region = joint_readings([reading(4), reading(7, confirmed_on=None)], [reading(5)], additive=True)
        assert [r.value for r in region if r.whole] == [9]

    def test_two_confirmed_figures_of_one_side_are_not_added(self):
        region = joint_readings([reading(4), reading(7)], [reading(5)], additive=True)
        assert not any(r.whole for r in region)

    @seeded
    @given(st.lists(st.integers(0, 99)), st.lists(st.integers(0, 99)), st.booleans())
    def test_nothing_is_lost_or_counted_twice(self, chongqing, sichuan, additive):
        cq = [reading(v, period_end=date(2025, 1, 1 + i % 5)) for i, v in enumerate(chongqing)]
        sc = [reading(v, period_end=date(2025, 1, 1 + i % 5)) for i, v in enumerate(sichuan)]
        assert sum(r.value for r in joint_readings(cq, sc, additive=additive)) == sum(chongqing) + sum(sichuan)
