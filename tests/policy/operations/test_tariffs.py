"""Tariffs: published with a source, compared, never invented."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError

from bashu.kernel.errors import Forbidden, Malformed, SignInNeeded
from bashu.kernel.parties.selectors import seen_by
from bashu.policy import errors
from bashu.policy.models import Tariff
from bashu.policy.selectors.tariffs import tariffs_compared
from bashu.policy.services.tariffs import Row, tariffs_publish

WATER = Row("water", "工业", "price", Decimal("3.25"), "yuan/m3", date(2025, 1, 1), "sourced", "某价格文件")

HEADING = "utility,customers,measure,value,unit,valid_from,status,source,note\n"


class TestPublish:
    def test_nobody_is_asked_to_sign_in(self, actors, acting):
        with pytest.raises(SignInNeeded):
            tariffs_publish(ctx=acting(), jurisdiction="CQ", rows=[WATER])

    @pytest.mark.parametrize("who", ["authority.SC", "operator.CQ", "enterprise.CQ"])
    def test_only_offices_of_the_province_publish(self, actors, acting, who):
        with pytest.raises(Forbidden):
            tariffs_publish(ctx=acting(actors[who]), jurisdiction="CQ", rows=[WATER])

    def test_another_jurisdiction_is_none(self, actors, acting):
        with pytest.raises(Malformed, match="CQ, SC or joint is needed"):
            tariffs_publish(ctx=acting(actors["coordinator"]), jurisdiction="moon", rows=[WATER])

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("utility,customers\nwater,工业\n", "t.csv:1: the heading lacks measure, value"),
            (f"{HEADING}water,工业,price,abc,yuan/m3,2025-11-01,sourced,文件,\n", "t.csv:2: value: abc is not a number"),
            (f"{HEADING}water,工业,price,1,yuan/m3,2025-13-01,sourced,文件,\n", "t.csv:2: valid_from: 2025-13-01 is not a day"),
            (f"{HEADING}water,工业\n", "t.csv:2: the line has fewer or more fields"),
        ],
    )  # fmt: skip
    def test_a_faulty_file_is_told_with_its_line(self, tmp_path, text, problem):
        from bashu.policy.operations_cli import tariff_publish

        file = tmp_path / "t.csv"
        file.write_text(text)
        with pytest.raises(errors.TariffWrong, match=problem):
            tariff_publish(file, "CQ")

    def test_a_side_does_not_publish_for_the_area(self, actors, acting):
        with pytest.raises(Forbidden):
            tariffs_publish(ctx=acting(actors["authority.CQ"]), jurisdiction="joint", rows=[WATER])

    def test_no_invented_price_is_published_outside_of_the_demonstration(self, actors, acting):
        with pytest.raises(errors.TariffAssumed):
            tariffs_publish(
                ctx=acting(actors["authority.CQ"]), jurisdiction="CQ", rows=[WATER, WATER._replace(status="assumed")]
            )
        assert Tariff.objects.count() == 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"utility": "heat"}, {"measure": "mood"}, {"value": Decimal(-1)}, {"value": Decimal("NaN")},
            {"value": Decimal("0.1234567")}, {"source": " "}, {"unit": ""},
            {"status": "certain"},
        ],
    )  # fmt: skip
    def test_a_row_that_says_nothing_certain_is_refused(self, actors, acting, changes):
        with pytest.raises(errors.TariffWrong):
            tariffs_publish(ctx=acting(actors["authority.CQ"]), jurisdiction="CQ", rows=[WATER._replace(**changes)])

    def test_two_rows_of_one_thing_are_never_open_together(self, actors, acting):
        tariffs_publish(ctx=acting(actors["authority.CQ"]), jurisdiction="CQ", rows=[WATER])
        later = {**Tariff.objects.values().get(), "id": None, "public_id": uuid4(), "valid_from": date(2025, 6, 1)}
        with seen_by(actors["authority.CQ"].actor), pytest.raises(IntegrityError, match="tariff_one_open"):
            Tariff.objects.create(**later)

    def test_a_newer_row_ends_the_one_that_stood(self, actors, acting):
        later = WATER._replace(valid_from=date(2025, 6, 1), value=Decimal("3.45"))
        for row in (WATER, later):
            tariffs_publish(ctx=acting(actors["authority.CQ"]), jurisdiction="CQ", rows=[row])
        assert [(row.value, row.valid_to) for row in Tariff.objects.order_by("valid_from")] == [
            (Decimal("3.25"), date(2025, 5, 31)), (Decimal("3.45"), None),
        ]  # fmt: skip
        with pytest.raises(errors.TariffWrong):
            tariffs_publish(ctx=acting(actors["authority.CQ"]), jurisdiction="CQ", rows=[WATER])


def test_the_lower_is_named_only_where_two_are_known_in_one_unit(actors, acting):
    gas = WATER._replace(utility="gas", value=Decimal(2))
    for jurisdiction, who, rows in (
        ("CQ", "authority.CQ", [WATER, gas]),
        ("SC", "authority.SC", [WATER._replace(value=Decimal("3.10")), gas._replace(unit="yuan/GJ")]),
        ("joint", "coordinator", [WATER._replace(value=None, status="unverified")]),
    ):
        tariffs_publish(ctx=acting(actors[who]), jurisdiction=jurisdiction, rows=rows)
    water, found = tariffs_compared(date(2025, 6, 3))
    assert (water.utility, water.lower, water.area.value) == ("water", ("SC",), None)
    assert (found.utility, found.lower) == ("gas", ())
