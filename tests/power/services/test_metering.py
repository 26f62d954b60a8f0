"""Putting hours on record: who may, what is refused, and that a file is taken whole, once."""

import io
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.parties.selectors import seen_by
from bashu.power import errors
from bashu.power.models import ConsumedHour, MeteredHour, Unit
from bashu.power.selectors.certificates import carbon_intensity
from bashu.power.services.certificates import batch_issue
from bashu.power.services.metering import areas_record, consumption_record, hours_meter
from power_hours import JULY, hours_csv

HOUR = "2025-07-01T00:00+08:00"


class TestUnitRegister:
    def test_nobody_is_asked_to_sign_in(self, unit, actors, acting):
        from bashu.power.services.metering import unit_register

        with pytest.raises(SignInNeeded):
            unit_register(
                ctx=acting(), jurisdiction="CQ", code="X", owner=actors["enterprise.CQ"].organisation, technology="wind",
                commissioned_on=JULY.date(), name_zh="x",
            )  # fmt: skip

    @pytest.mark.parametrize("who", ["enterprise.CQ", "verifier.CQ", "resident.SC", "authority.SC"])
    def test_who_is_no_registry_of_the_side_is_refused(self, unit, who):
        with pytest.raises(Forbidden):
            unit(by=who)

    def test_an_owner_that_is_no_enterprise_is_refused(self, unit, actors):
        with pytest.raises(errors.PartyWrong):
            unit(owner=actors["verifier.CQ"].organisation)

    def test_storage_alone_gets_no_certificates(self, unit):
        with pytest.raises(errors.NotCertified):
            unit(technology="storage")

    def test_a_code_serves_once(self, unit):
        unit("W1")
        with pytest.raises(errors.UnitTaken):
            unit("W1")

    def test_everybody_sees_the_unit(self, unit, actors):
        unit("W1")
        for who in ("enterprise.SC", "resident.SC"):
            with seen_by(actors[who].actor):
                assert Unit.objects.get().code == "W1"


class TestHoursMeter:
    @pytest.mark.parametrize("who", ["enterprise.CQ", "verifier.CQ", "resident.SC"])
    def test_who_is_no_registry_is_refused(self, unit, actors, acting, who):
        unit("W1")
        with pytest.raises(Forbidden):
            hours_meter(ctx=acting(actors[who]), content=hours_csv("W1", [5]))

    def test_the_other_sides_office_does_not_meter(self, unit, actors, acting):
        unit("W1")
        with pytest.raises(errors.HoursRefused, match="another registry"):
            hours_meter(ctx=acting(actors["authority.SC"]), content=hours_csv("W1", [5]))

    def test_the_owner_and_the_registry_see_the_hours_and_no_other_enterprise(self, unit, metered, actors):
        metered(unit("W1"), [5, 6])
        seen = {}
        for who in ("enterprise.CQ", "operator.CQ", "authority.CQ", "coordinator", "enterprise.SC", "authority.SC"):
            with seen_by(actors[who].actor):
                seen[who] = MeteredHour.objects.count()
        assert seen == {
            "enterprise.CQ": 2,
            "operator.CQ": 2,
            "authority.CQ": 2,
            "coordinator": 2,
            "enterprise.SC": 0,
            "authority.SC": 0,
        }

    def test_the_same_file_again_adds_nothing(self, unit, metered):
        found = unit("W1")
        assert metered(found, [5, 6]) == {"taken": 2, "known": 0}
        assert metered(found, [5, 6, 7]) == {"taken": 1, "known": 2}

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "unit is missing"),
            (b"unit,hour,generated_wh\n", "no rows"),
            (f"unit,hour,generated_kwh\nW1,{HOUR},5".encode(), "generated_wh is missing"),
            (f"unit,hour,generated_wh,price\nW1,{HOUR},5,1".encode(), "price is not known"),
            (f"unit,hour,generated_wh\nW1,{HOUR},5.5".encode(), "no whole number"),
            (f"unit,hour,generated_wh\nW1,{HOUR},nan".encode(), "no whole number"),
            (f"unit,hour,generated_wh\nW1,{HOUR},-5".encode(), "below zero"),
            (f"unit,hour,generated_wh\nW1,{HOUR},99999999999999".encode(), "above"),
            (b"unit,hour,generated_wh\nW1,2025-07-01T00:00,5", "no offset"),
            (b"unit,hour,generated_wh\nW1,2025-07-01T00:30+08:00,5", "not the beginning"),
            (b"unit,hour,generated_wh\nW1,first of July,5", "no ISO 8601"),
            (f"unit,hour,generated_wh\nW1,{HOUR},5\nW1,2025-06-30T16:00Z,5".encode(), "on line 2 already"),
            (f"unit,hour,generated_wh\nW9,{HOUR},5".encode(), "no unit W9"),
            (f"unit,hour,generated_wh,charged_wh\nW1,{HOUR},5,6".encode(), "more is stored"),
            (f"unit,hour,generated_wh,returned_wh\nW1,{HOUR},5,6".encode(), "no storage"),
            (b"\xff\xfe", "not UTF-8"),
            (b"PAR1 but no table", ""),
        ],
    )
    def test_a_fault_is_named_and_nothing_is_taken(self, unit, actors, acting, content, said):
        unit("W1")
        with pytest.raises(errors.HoursRefused) as refusal:
            hours_meter(ctx=acting(actors["operator.CQ"]), content=content)
        assert said in str(refusal.value)
        with seen_by(actors["operator.CQ"].actor):
            assert not MeteredHour.objects.exists()

    def test_an_hour_on_record_is_not_rewritten(self, unit, metered):
        found = unit("W1")
        metered(found, [5])
        with pytest.raises(errors.HoursRefused, match="other figures"):
            metered(found, [6])

    def test_a_month_that_is_issued_takes_no_further_hour(self, unit, metered, actors, acting):
        found = unit("W1")
        metered(found, [5])
        batch_issue(ctx=acting(actors["operator.CQ"]), unit=found, month=date(2025, 7, 1))
        with pytest.raises(errors.HoursRefused, match="no hour is added"):
            metered(found, [7], JULY + timedelta(hours=1))
        assert metered(found, [5]) == {"taken": 0, "known": 1}, "what is on record may come again"

    def test_parquet_is_taken_as_csv_is(self, unit, actors, acting):
        unit("W1")
        table = pa.table({"unit": ["W1", "W1"], "hour": [JULY, JULY + timedelta(hours=1)], "generated_wh": [5, 6]})
        file = io.BytesIO()
        pq.write_table(table, file)
        done = hours_meter(ctx=acting(actors["operator.CQ"]), content=file.getvalue())
        assert done == {"taken": 2, "known": 0}


class TestConsumptionRecord:
    FILE = f"hour,used_wh\n{HOUR},5\n".encode()

    @pytest.mark.parametrize("who", ["enterprise.SC", "operator.CQ", "verifier.CQ"])
    def test_only_the_consumer_and_its_offices_record_its_consumption(self, actors, acting, who):
        with pytest.raises(Forbidden):
            consumption_record(
                ctx=acting(actors[who]), organisation=actors["enterprise.CQ"].organisation, content=self.FILE
            )

    def test_it_is_the_consumers_and_its_offices_business(self, actors, acting):
        own = actors["enterprise.CQ"]
        done = [consumption_record(ctx=acting(own), organisation=own.organisation, content=self.FILE) for _ in range(2)]
        assert done == [{"taken": 1, "known": 0}, {"taken": 0, "known": 1}]
        for who, number in {"enterprise.CQ": 1, "authority.CQ": 1, "authority.SC": 0, "enterprise.SC": 0}.items():
            with seen_by(actors[who].actor):
                assert ConsumedHour.objects.count() == number, who

    def test_another_figure_for_an_hour_on_record_is_refused(self, actors, acting):
        own = actors["enterprise.CQ"]
        consumption_record(ctx=acting(own), organisation=own.organisation, content=self.FILE)
        with pytest.raises(errors.HoursRefused):
            consumption_record(ctx=acting(own), organisation=own.organisation, content=self.FILE.replace(b",5", b",6"))


class TestAreasRecord:
    HOURS = f"area,hour,used_wh,emitted_g\nCQ,{HOUR},60,100\nSC,{HOUR},80,0\n".encode()
    FLOWS = f"area,neighbour,hour,sent_wh\nCQ,SC,{HOUR},40\n".encode()

    def test_an_enterprise_is_refused(self, actors, acting):
        with pytest.raises(Forbidden):
            areas_record(ctx=acting(actors["enterprise.CQ"]), hours=self.HOURS, flows=self.FLOWS, source="演示")

    def test_intensity_follows_the_flow(self, actors, acting):
        areas_record(ctx=acting(actors["operator.CQ"]), hours=self.HOURS, flows=self.FLOWS, source="演示")
        found = {area: carbon_intensity(area, [JULY, JULY + timedelta(hours=1)]) for area in ("CQ", "SC")}
        assert {area: {hour: one.g_per_kwh for hour, one in hours.items()} for area, hours in found.items()} == {
            "CQ": {JULY: 1000.0}, "SC": {JULY: 500.0}
        }  # fmt: skip
        assert found["SC"][JULY].source == "演示"
        assert carbon_intensity("nowhere", [JULY]) == carbon_intensity("SC", []) == {}

    def test_a_flow_to_an_area_without_that_hour_is_refused(self, actors, acting):
        with pytest.raises(errors.HoursRefused, match="no such hour"):
            areas_record(
                ctx=acting(actors["operator.CQ"]),
                hours=self.HOURS,
                flows=self.FLOWS.replace(b",SC,", b",HB,"),
                source="x",
            )

    def test_hours_on_record_are_refused(self, actors, acting):
        areas_record(ctx=acting(actors["operator.CQ"]), hours=self.HOURS, flows=self.FLOWS, source="x")
        with pytest.raises(errors.HoursRefused, match="on record"):
            areas_record(ctx=acting(actors["operator.CQ"]), hours=self.HOURS, flows=self.FLOWS, source="x")
