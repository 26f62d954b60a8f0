"""What a changed number does: equal to evaluating twice, nobody counted twice, and what cannot be tried refused."""

import json
from fractions import Fraction

import pytest

from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import compile_levies, evaluate
from bashu.policy.engine.periods import period
from bashu.policy.engine.synthetic import enterprises
from bashu.policy.engine.whatif import Change, by_place, changed, distribution, effect_of, sums
from bashu.policy.formats.entities import read_entities
from bashu.policy.selectors.library import numbers_to_try, shipped

YEAR = period("2025")


@pytest.fixture(scope="module")
def told():
    return read_entities((json.dumps(entity) for entity in enterprises(400)), shipped())


class TestEffect:
    @pytest.mark.parametrize(
        ("parameter", "province", "value"), [("soil_rate", "SC", "1.2"), ("air_rate", "CQ", "4.5")]
    )
    def test_equals_evaluating_before_and_after(self, told, parameter, province, value):
        change = Change(parameter, province, Fraction(value))
        effect = effect_of(shipped(), change, YEAR, told.population)
        for rules, found in ((shipped(), effect.before), (changed(shipped(), change, YEAR), effect.after)):
            (outcome,) = evaluate(compile_levies(rules, YEAR, effect.levies), told.population)
            assert (outcome.payable[effect.known] == found[effect.known]).all()

    def test_a_lower_rate_makes_winners_only_and_a_higher_one_of_the_lower_side_losers_only(self, told):
        cheaper, dearer = (
            sums(effect_of(shipped(), Change("soil_rate", "SC", Fraction(value)), YEAR, told.population))
            for value in ("1.2", "1.35")
        )
        assert (cheaper.losers, dearer.winners) == (0, 0)
        assert cheaper.winners == dearer.losers > 0
        assert cheaper.collected < 0 < dearer.collected

    def test_raising_the_higher_side_changes_nothing(self, told):
        found = sums(effect_of(shipped(), Change("soil_rate", "CQ", Fraction(9)), YEAR, told.population))
        assert (found.winners, found.losers, found.collected) == (0, 0, 0)

    def test_classes_and_places_add_up_to_all(self, told):
        effect = effect_of(shipped(), Change("soil_rate", "SC", Fraction("1.2")), YEAR, told.population)
        assert sum(number for _low, _high, number in distribution(effect)) == int(effect.known.sum())
        whole = sums(effect)
        parts = by_place(effect, told.places).values()
        assert sum(part.gained for part in parts) == whole.gained
        assert sum(part.winners + part.losers + part.unchanged + part.unknown for part in parts) == len(told.places)

    def test_other_years_keep_their_answers(self, told):
        rules = changed(shipped(), Change("air_rate", "CQ", Fraction(9)), YEAR)
        before, after = (compile_levies(one, period("2020"), ["environment_air"]) for one in (shipped(), rules))
        one, other = (evaluate(compiled, told.population)[0] for compiled in (before, after))
        assert (one.payable == other.payable).all()


class TestWhatCanBeTried:
    def test_every_number_the_desk_offers(self, told):
        for parameter, choice in numbers_to_try():
            change = Change(parameter.id, "CQ", Fraction(1, 100), choice)
            assert effect_of(shipped(), change, YEAR, told.population).levies, parameter.id

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (Change("nonsense", "CQ", Fraction(1)), "no number is called nonsense"),
            (Change("soil_rate", "XX", Fraction(1)), "no number is called soil_rate in XX"),
            (Change("land_rate", "CQ", Fraction(1), "grade_1"), "the numbers of the other choices are not known"),
            (Change("land_rate", "CQ", Fraction(1)), "name which"),
            (Change("soil_rate", "CQ", Fraction(10**25)), "64 bits"),
        ],
    )
    def test_what_cannot_is_refused(self, told, change, says):
        with pytest.raises(RuleFault, match=says):
            effect_of(shipped(), change, YEAR, told.population)

    def test_a_year_before_every_version_is_refused(self):
        with pytest.raises(RuleFault, match="has no version"):
            changed(shipped(), Change("soil_rate", "CQ", Fraction(1)), period("1990"))

    def test_where_a_national_number_holds_the_province_gets_its_own(self):
        rules = changed(shipped(), Change("rent_rate", "SC", Fraction(1, 10)), YEAR)
        before, after = (one.parameters["rent_rate"].in_force("SC", YEAR.start) for one in (shipped(), rules))
        assert (before.value, after.value, after.status) == (Fraction(12, 100), Fraction(1, 10), "assumed")
        assert rules.parameters["rent_rate"].in_force("CQ", YEAR.start).value == Fraction(12, 100)


def test_made_up_enterprises_are_the_same_each_time_and_stand_in_real_places(db):
    from bashu.kernel.places.models import Place
    from bashu.policy.engine.synthetic import PLACES

    assert list(enterprises(50)) == list(enterprises(50))
    assert set(PLACES) <= set(Place.objects.values_list("code", flat=True))
