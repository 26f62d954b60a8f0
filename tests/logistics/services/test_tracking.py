"""Reports in the real database as the restricted role: who may say what, once, in whatever order, and what follows."""

import random
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import transaction

from bashu.kernel.commands.actor import ANONYMOUS
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.logistics.errors import (
    ConnectionOutOfReach,
    EventDiffers,
    EventsRefused,
    EventWrong,
    LegMoved,
    NotReleased,
    SubjectUnknown,
)
from bashu.logistics.eyes import as_node
from bashu.logistics.models import Consignment, Departure, Event, Leg, Measure, Notification
from bashu.logistics.selectors.notices import notice_list, unread_count
from bashu.logistics.selectors.reporting import Told
from bashu.logistics.services.booking import consignment_rebook
from bashu.logistics.services.clearance import declaration_lodge, declaration_release
from bashu.logistics.services.following import onward
from bashu.logistics.services.measures import figures_rebuild
from bashu.logistics.services.notices import notifications_read
from bashu.logistics.services.tracking import event_report, events_report
from harbour import NOW, command

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
START = NOW + DAY  # when the way of trip T0 begins
LATER = NOW + 20 * DAY


@pytest.fixture
def report(harbour):
    """`report("rail", kind="departed", …)`: one report of an organisation; its references count up."""
    counted = iter(range(1000))

    def tell(by, now=LATER, **said):
        told = Told(**{"reference": f"r{next(counted)}", "happened_at": START, **said})
        return event_report(ctx=command(harbour.actors[by], now), reporter=harbour.organisations[by], told=told)

    return tell


@pytest.fixture
def look(harbour):
    """What the node sees."""

    def see(read):
        with transaction.atomic(), seen_by(ANONYMOUS), as_node():
            return read()

    return see


def state(one):
    """A consignment and its legs as the node sees them."""
    fresh = Consignment.objects.get(pk=one.pk)
    return fresh.state, [leg.state for leg in Leg.objects.filter(consignment=one).order_by("sequence")], fresh.missed


def story(number, late=timedelta()):
    """Everything that is reported of a consignment on T0: (reporter, report)."""
    carried = (
        ("RAIL", "rail", 12, 10, "QINGBAIJIANG", "GUOYUAN"),
        ("LSC", "rail", 36, 60, "GUOYUAN", "QINZHOU"),
        ("SEA", "sea", 120, 90, "QINZHOU", "SINGAPORE"),
    )
    yield "truck", Told("t1", "departed", START, None, number, 1)
    yield "truck", Told("t2", "arrived", START + 3 * HOUR, None, number, 1)
    yield "rail", Told("g1", "gate_in", START + 3 * HOUR, None, number, hub="QINGBAIJIANG")
    for n, (service, by, after, hours, origin, target) in enumerate(carried):
        leaves = START + after * HOUR + late
        yield by, Told(f"l{n}", "loaded", leaves - HOUR, None, number, hub=origin)
        yield by, Told(f"x{n}", "expected_departure", leaves + HOUR, leaves - 3 * HOUR, service=service, trip="T0")
        yield by, Told(f"d{n}", "departed", leaves, leaves + HOUR, service=service, trip="T0", hub=origin)
        yield (
            by,
            Told(
                f"a{n}", "arrived", leaves + hours * HOUR, leaves + hours * HOUR, service=service, trip="T0", hub=target
            ),
        )
    yield "sea", Told("f1", "delivered", START + 230 * HOUR, None, number)


class TestEventReport:
    def test_nobody_is_asked_to_sign_in(self, harbour):
        one = harbour.booked()
        with pytest.raises(SignInNeeded):
            event_report(
                ctx=command(ANONYMOUS),
                reporter=harbour.organisations["rail"],
                told=Told("r", "loaded", NOW, None, one.number, 2),
            )

    @pytest.mark.parametrize("by", ["authority.CQ", "customs.CQ", "verifier.CQ"])
    def test_an_office_is_no_reporter(self, harbour, report, by):
        one = harbour.booked()
        with pytest.raises(Forbidden):
            report(by, kind="loaded", consignment=one.number, leg=2)

    def test_nobody_speaks_for_another_organisation(self, harbour):
        one = harbour.booked()
        told = Told("r", "loaded", START, None, one.number, 2)
        with pytest.raises(Forbidden):
            event_report(ctx=command(harbour.actors["sea"], LATER), reporter=harbour.organisations["rail"], told=told)

    def test_what_one_carries_no_leg_of_does_not_exist(self, harbour, report):
        one = harbour.booked(services=["LSC"])
        with pytest.raises(SubjectUnknown):
            report("sea", kind="loaded", consignment=one.number, leg=1)

    @pytest.mark.parametrize(
        ("by", "said"),
        [
            ("port.SC", {"kind": "arrived", "leg": 2}),  # it arrives at the other port
            ("port.CQ", {"kind": "loaded", "leg": 2}),
            ("enterprise.CQ", {"kind": "loaded", "leg": 2}),
            ("truck", {"kind": "delivered"}),
            ("rail", {"kind": "delivered"}),
        ],
    )
    def test_a_hub_speaks_of_what_happens_there_and_a_shipper_of_delivery(self, harbour, report, by, said):
        one = harbour.booked()
        with pytest.raises((Forbidden, SubjectUnknown)):
            report(by, consignment=one.number, **said)

    def test_the_operator_of_a_departure_speaks_of_it_and_the_ports_at_its_ends(self, harbour, report, look):
        report("rail", kind="departed", service="RAIL", trip="T0", hub="QINGBAIJIANG")
        report("port.CQ", kind="arrived", service="RAIL", trip="T0", happened_at=START + 20 * HOUR)
        row = look(lambda: Departure.objects.get(service="RAIL", trip="T0"))
        assert (row.departed_at, row.arrived_at) == (START, START + 20 * HOUR)
        for by, kind in (("port.SC", "arrived"), ("port.CQ", "departed"), ("sea", "departed")):
            with pytest.raises(Forbidden):
                report(by, kind=kind, service="RAIL", trip="T0")

    @pytest.mark.parametrize(
        "said",
        [
            {"kind": "vanished"},
            {"kind": "loaded", "happened_at": LATER + DAY},
            {"kind": "loaded", "told_at": LATER + DAY},
            {"kind": "loaded", "reference": ""},
            {"kind": "loaded", "consignment": ""},
            {"kind": "loaded", "service": "RAIL", "trip": "T0", "consignment": ""},
            {"kind": "loaded", "happened_at": START.replace(tzinfo=None)},
            {"kind": "expected_arrival", "happened_at": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)},
            {"kind": "departed", "happened_at": datetime(1, 1, 1, tzinfo=UTC)},
            {"kind": "departed", "told_at": datetime(1, 1, 1, tzinfo=UTC)},
        ],
    )
    def test_what_cannot_be_read_is_refused(self, harbour, report, said):
        one = harbour.booked()
        with pytest.raises(EventWrong):
            report("rail", **{"consignment": one.number, "leg": 2, **said})

    def test_a_leg_that_is_only_held_is_not_loaded(self, harbour, report):
        one = harbour.hold()
        with pytest.raises(LegMoved):
            report("rail", kind="loaded", consignment=one.number, leg=2)

    def test_customs_comes_before_loading(self, harbour, report, look):
        one = harbour.booked()
        shipper, office = harbour.actors["enterprise.CQ"], harbour.actors["customs.SC"]
        declared = declaration_lodge(ctx=command(shipper), consignment=one, hub="QINGBAIJIANG", procedure="export")
        with pytest.raises(NotReleased):
            report("rail", kind="loaded", consignment=one.number, leg=2)
        told = [Told("b1", "loaded", START, None, one.number, 2)]
        with pytest.raises(EventsRefused):
            events_report(ctx=command(harbour.actors["rail"], LATER), reporter=harbour.organisations["rail"], rows=told)
        from bashu.logistics.services.clearance import declaration_accept

        declared = declaration_accept(ctx=command(office), declaration=declared)
        declaration_release(ctx=command(office, NOW + 3 * HOUR), declaration=declared)
        report("rail", kind="loaded", consignment=one.number, leg=2)
        assert look(lambda: state(one))[1][1] == "loaded"
        minutes = look(lambda: Measure.objects.get(indicator="clearance_minutes").amount)
        assert minutes == 180

    def test_the_same_again_changes_nothing_and_other_content_is_refused_by_the_first_ones_name(
        self, harbour, report, look
    ):
        one = harbour.booked()
        said = {"kind": "loaded", "consignment": one.number, "leg": 2, "reference": "own-1"}
        first = report("rail", **said)
        before = look(lambda: (state(one), Event.objects.count(), Consignment.objects.get(pk=one.pk).version))
        assert report("rail", **said) == first
        assert look(lambda: (state(one), Event.objects.count(), Consignment.objects.get(pk=one.pk).version)) == before
        with pytest.raises(EventDiffers, match=str(first.public_id)):
            report("rail", **{**said, "happened_at": START + HOUR})
        report("sea", **{**said, "kind": "loaded", "leg": 4})  # another reporter's references are his own

    def test_one_entry_holds_the_digest_and_not_what_was_said(self, harbour, report):
        one = harbour.booked()
        event = report("rail", kind="loaded", consignment=one.number, leg=2)
        with transaction.atomic(), seen_by(harbour.actors["rail"]):
            entry = Entry.objects.get(kind="logistics.event.report")
            assert orjson.loads(entry.body.content)["after"]["digest"] == bytes(event.digest).hex()
            assert "loaded" not in entry.body.content


class TestWhatFollows:
    def test_from_the_gate_to_delivery(self, harbour, look):
        one = harbour.booked()
        for by, told in story(one.number):
            event_report(ctx=command(harbour.actors[by], LATER), reporter=harbour.organisations[by], told=told)
        assert look(lambda: state(one)) == ("delivered", ["arrived"] * 4, False)
        amounts = look(lambda: {(row.indicator, row.amount) for row in Measure.objects.all()})
        assert amounts == {("goods_value", 100_000_000), ("corridor_teu", 2), ("train", 1), ("adherence", 1)}

    def test_a_vehicle_takes_along_what_was_loaded_and_leaves_the_rest(self, harbour, report, look):
        loaded, left = harbour.booked(), harbour.booked()
        report("rail", kind="loaded", consignment=loaded.number, leg=2)
        report("rail", kind="departed", service="RAIL", trip="T0")
        assert look(lambda: state(loaded)) == ("under_way", ["confirmed", "departed", "confirmed", "confirmed"], False)
        assert look(lambda: state(left)) == ("confirmed", ["confirmed"] * 4, True)

    def test_a_late_train_moves_the_arrival_and_misses_the_ship(self, harbour, report, look):
        one = harbour.booked()
        report("rail", kind="loaded", consignment=one.number, leg=3)
        report("rail", kind="expected_arrival", service="LSC", trip="T0", happened_at=START + 100 * HOUR)
        fresh = look(lambda: Consignment.objects.get(pk=one.pk))
        assert (fresh.missed, fresh.predicted_at) == (
            False,
            one.arrives_at + 8 * HOUR,
        )  # unloading at the end takes eight hours
        report("rail", kind="expected_arrival", service="LSC", trip="T0", happened_at=START + 130 * HOUR)
        fresh = look(lambda: Consignment.objects.get(pk=one.pk))
        assert (fresh.missed, fresh.predicted_at) == (True, START + (130 + 8 + 90 + 8) * HOUR)
        told = look(
            lambda: {
                (row.organisation_id, row.kind, row.facts["hub"]) for row in Notification.objects.filter(kind="missed")
            }
        )
        assert told == {(harbour.organisations[name], "missed", "QINZHOU") for name in ("enterprise.CQ", "sea")}

    def test_who_missed_a_ship_cannot_book_it_again_but_a_later_one_and_stays_on_it(self, harbour, report, look):
        one, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        report("rail", kind="loaded", consignment=one.number, leg=3)
        late = {"kind": "expected_arrival", "service": "LSC", "trip": "T0", "happened_at": START + 130 * HOUR}
        report("rail", **late)
        assert look(lambda: onward(one, LATER - 17 * DAY)) == ("QINZHOU", START + 130 * HOUR)
        with pytest.raises(ConnectionOutOfReach):
            consignment_rebook(ctx=command(shipper), consignment=one, quote=harbour.quote(0, services=("SEA",)))
        assert look(lambda: state(one))[1:] == (["confirmed", "confirmed", "loaded", "confirmed"], True)
        consignment_rebook(ctx=command(shipper), consignment=one, quote=harbour.quote(4, services=("SEA",)))
        report("rail", **late)
        _, legs, missed = look(lambda: state(one))
        assert (legs[2:], missed) == (["loaded", "cancelled", "confirmed"], False)

    def test_before_anything_moved_another_way_begins_at_the_origin_now(self, harbour, look):
        one = harbour.booked()
        assert look(lambda: onward(one, NOW)) == (one.origin, NOW)

    def test_a_corrected_forecast_recovers_the_connection_and_says_so(self, harbour, report, look):
        one = harbour.booked()
        late = {"kind": "expected_arrival", "service": "LSC", "trip": "T0"}
        report("rail", **late, happened_at=START + 130 * HOUR, told_at=NOW + HOUR)
        report("rail", **late, happened_at=START + 99 * HOUR, told_at=NOW + 2 * HOUR)
        report(
            "rail", **late, happened_at=START + 140 * HOUR, told_at=NOW
        )  # an old forecast that comes last counts for nothing
        assert look(lambda: state(one))[2] is False
        assert look(
            lambda: [
                row.kind
                for row in Notification.objects.filter(
                    organisation__public_id=harbour.organisations["enterprise.CQ"]
                ).order_by("pk")
            ]
        ) == ["missed", "recovered"]

    def test_a_delay_is_told_once_and_again_when_it_grows(self, harbour, report, look):
        one = harbour.booked()
        for number, hours in enumerate((95, 95, 97, 102)):
            report(
                "sea", kind="expected_arrival", service="SEA", trip="T0", happened_at=START + (120 + hours) * HOUR,
                told_at=NOW + number * HOUR,
            )  # fmt: skip
        told = look(
            lambda: [row.facts["arrives_at"] for row in Notification.objects.filter(kind="delayed").order_by("pk")]
        )
        assert len(told) == 2
        assert look(lambda: Consignment.objects.get(pk=one.pk).predicted_at) == START + (120 + 102 + 8) * HOUR

    def test_contradictions_are_kept_and_reports_on_a_leg_given_up_change_nothing(self, harbour, report, look):
        from bashu.logistics.services.booking import leg_reject

        one = harbour.booked()
        report("rail", kind="loaded", consignment=one.number, leg=2, happened_at=START + 9 * HOUR)
        report("rail", kind="departed", consignment=one.number, leg=2, happened_at=START + 8 * HOUR)
        assert look(lambda: state(one))[1][1] == "departed"
        leg = look(lambda: Leg.objects.get(consignment=one, sequence=4))
        leg_reject(ctx=command(harbour.actors["sea"]), leg=leg, reason="no ship")
        report("sea", kind="loaded", consignment=one.number, leg=4)
        assert look(lambda: state(one)) == ("under_way", ["confirmed", "departed", "confirmed", "cancelled"], True)
        assert look(lambda: Event.objects.filter(consignment=one).count()) == 3


class TestEventsReport:
    def test_all_or_nothing_with_every_faulty_row(self, harbour):
        one = harbour.booked()
        rows = [
            Told("a", "loaded", START, None, one.number, 2),
            Told("b", "loaded", START, None, "B99999999", 2),
            Told("a", "loaded", START + HOUR, None, one.number, 2),
            Told("c", "loaded", LATER + DAY, None, one.number, 2),
            Told("d", "arrived", START, service="SEA", trip="T0"),
        ]
        with pytest.raises(EventsRefused) as refused:
            events_report(ctx=command(harbour.actors["rail"], LATER), reporter=harbour.organisations["rail"], rows=rows)
        assert [row["row"] for row in refused.value.context["rows"]] == [2, 3, 4, 5]
        with transaction.atomic(), seen_by(harbour.actors["rail"]):
            assert not Event.objects.exists()

    def test_a_batch_again_changes_nothing(self, harbour, look):
        one = harbour.booked()
        rows = [
            Told("a", "loaded", START, None, one.number, 2),
            Told("b", "departed", START, service="RAIL", trip="T0"),
        ]

        def send():
            return events_report(
                ctx=command(harbour.actors["rail"], LATER),
                reporter=harbour.organisations["rail"],
                rows=[*rows, rows[0]],
            )

        assert send() == {"recorded": 2, "repeated": 1}
        before = look(
            lambda: (
                Consignment.objects.get(pk=one.pk).version,
                Departure.objects.get(service="RAIL", trip="T0").version,
            )
        )
        assert send() == {"recorded": 0, "repeated": 3}
        assert (
            look(
                lambda: (
                    Consignment.objects.get(pk=one.pk).version,
                    Departure.objects.get(service="RAIL", trip="T0").version,
                )
            )
            == before
        )

    @pytest.mark.parametrize("seed", range(4))
    def test_shuffled_repeated_and_cut_into_batches_anyhow_the_end_is_the_same(self, harbour, look, seed):
        one, other = harbour.booked(), harbour.booked(by="enterprise.SC", boxes=(20,))
        told = [
            *story(one.number, 40 * HOUR),
            *(
                (by, row._replace(reference=f"o-{row.reference}"))
                for by, row in story(other.number, 40 * HOUR)
                if row.consignment
            ),
        ]
        told = [(by, row._replace(told_at=row.told_at or row.happened_at)) for by, row in told]
        rng = random.Random(seed)
        if seed:
            told += rng.choices(told, k=6)
            rng.shuffle(told)
        while told:
            cut = rng.randint(1, 5)
            batch, told = told[:cut], told[cut:]
            for by in dict.fromkeys(by for by, _ in batch):
                rows = [row for sender, row in batch if sender == by]
                events_report(ctx=command(harbour.actors[by], LATER), reporter=harbour.organisations[by], rows=rows)
        ended = look(lambda: (state(one), state(other), measures()))
        assert ended[:2] == (("delivered", ["arrived"] * 4, False),) * 2
        assert ended[2] == MEASURES_OF_THE_STORY
        rebuilt = figures_rebuild(ctx=command(harbour.actors["node"], LATER))
        assert {name: rebuilt[name] for name in rebuilt if name != "rows"} == dict.fromkeys(
            ("records", "goods_value", "corridor_teu", "train", "adherence", "clearance_minutes"), 0
        )
        assert look(measures) == MEASURES_OF_THE_STORY


MEASURES_OF_THE_STORY = [
    ("adherence", "2025-06-05", 0), ("adherence", "2025-06-08", 0), ("adherence", "2025-06-12", 0), ("corridor_teu", "2025-06-04", 1),
    ("corridor_teu", "2025-06-04", 2), ("goods_value", "2025-06-01", 100_000_000), ("goods_value", "2025-06-01", 100_000_000),
    ("train", "2025-06-04", 1), ("train", "2025-06-05", 1),
]  # fmt: skip


def measures():
    """All rows of the figures, without their subjects."""
    return sorted((row.indicator, str(row.day), row.amount) for row in Measure.objects.all())


class TestNotices:
    def test_they_are_seen_and_marked_read_by_their_organisation_alone(self, harbour, report):
        harbour.booked()
        report("rail", kind="expected_arrival", service="LSC", trip="T0", happened_at=START + 130 * HOUR)
        shipper = harbour.actors["enterprise.CQ"]
        with transaction.atomic(), seen_by(shipper):
            assert unread_count(shipper) == len(notice_list(shipper)) == 1
        stranger = harbour.actors["enterprise.SC"]
        with transaction.atomic(), seen_by(stranger):
            assert Notification.objects.count() == 0
        with pytest.raises(Forbidden):
            notifications_read(ctx=command(stranger), organisation=harbour.organisations["enterprise.CQ"], upto=LATER)
        assert (
            notifications_read(
                ctx=command(shipper, LATER), organisation=harbour.organisations["enterprise.CQ"], upto=LATER
            )
            == 1
        )
        with transaction.atomic(), seen_by(shipper):
            assert unread_count(shipper) == 0


class TestFiguresRebuild:
    def test_only_the_joint_office_and_the_node_may(self, harbour):
        for name in ("rail", "enterprise.CQ", "customs.CQ"):
            with pytest.raises(Forbidden):
                figures_rebuild(ctx=command(harbour.actors[name]))

    def test_it_mends_what_was_spoilt(self, harbour, look):
        harbour.booked()
        look(lambda: Measure.objects.update(amount=1))
        with transaction.atomic(), seen_by(ANONYMOUS), as_node():
            Measure.objects.create(indicator="train", subject=harbour.organisations["rail"], day=NOW.date(), amount=7)
        assert figures_rebuild(ctx=command(harbour.actors["node"]))["train"] == 1
        assert look(lambda: [row.amount for row in Measure.objects.all()]) == [100_000_000]
        again = figures_rebuild(ctx=command(harbour.actors["node"]))
        assert again.pop("rows") == 1
        assert not any(again.values())

    def test_a_cancelled_consignment_is_worth_nothing_to_the_figures(self, harbour, look):
        from bashu.logistics.services.booking import consignment_cancel

        one = harbour.booked()
        assert look(lambda: Measure.objects.filter(indicator="goods_value").count()) == 1
        consignment_cancel(ctx=command(harbour.actors["enterprise.CQ"]), consignment=one)
        assert look(Measure.objects.count) == 0
