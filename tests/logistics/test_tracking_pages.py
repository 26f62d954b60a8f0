"""Reporting on the operator's page, reading on the shipper's; files; figures."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bashu.kernel.parties.models import Person
from bashu.logistics.models import Event, Leg, Measure
from bashu.logistics.selectors.figures import FEWEST, figures
from bashu.logistics.services.tracking import event_report
from harbour import NOW, command

START = NOW + timedelta(days=1)


@pytest.fixture
def browse(harbour, signed_in, seen_as, monkeypatch):
    """`browse("rail")`: that person's browser; the clock stands some days after the way began."""
    from bashu.kernel.web import clock

    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=20))

    def enter(name):
        address = f"{name.lower()}@ports.example.com"
        person = Person.objects.filter(email=address).first() or Person.objects.get(email=f"{name.lower()}@example.com")
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return enter


@pytest.fixture
def seen_as(harbour):
    """`seen_as("rail", read)`: what somebody sees."""
    from django.db import transaction

    from bashu.kernel.parties.selectors import seen_by

    def look(name, read):
        with transaction.atomic(), seen_by(harbour.actors[name]):
            return read()

    return look


def test_what_an_operator_reports_shows_on_the_shippers_page_and_in_its_inbox(harbour, browse, seen_as):
    one = harbour.booked()
    leg = seen_as("rail", lambda: Leg.objects.get(consignment=one, sequence=2))
    operator, shipper = browse("rail"), browse("enterprise.CQ")
    form = reverse("logistics:event_report", args=[leg.public_id])
    assert operator.get(form).status_code == 200
    said = {"kind": "departed", "happened_at": f"{START:%Y-%m-%dT%H:%M}"}
    assert operator.post(form, {**said, "kind": "vanished"}).status_code == 422
    assert operator.post(form, said).status_code == 303
    page = shipper.get(reverse("logistics:consignment", args=[one.public_id])).content.decode()
    assert "离开" in page or "Departed" in page or "Under way" in page or "运输中" in page
    late = {
        "kind": "expected_arrival",
        "service": "LSC",
        "trip": "T0",
        "happened_at": START + timedelta(hours=140),
        "reference": "x",
    }
    from bashu.logistics.selectors.reporting import Told

    event_report(
        ctx=command(harbour.actors["rail"], NOW + timedelta(days=20)),
        reporter=harbour.organisations["rail"],
        told=Told(**late),
    )
    inbox = shipper.get(reverse("logistics:notifications"))
    assert one.number in inbox.content.decode()
    assert inbox.context["unread"] == 2  # later than booked; and the ship missed
    assert shipper.post(reverse("logistics:notifications_read")).status_code == 303
    assert shipper.get(reverse("logistics:notifications")).context["unread"] == 0
    assert operator.get(reverse("logistics:notifications")).context["unread"] == 0


def test_a_file_is_taken_whole_or_its_faulty_lines_are_shown(harbour, browse, seen_as):
    one = harbour.booked()
    operator, where = browse("rail"), reverse("logistics:events_import")
    good = f"reference,kind,happened_at,consignment,leg\nf1,loaded,{START.isoformat()},{one.number},2\n"
    bad = good + f"f2,loaded,{START.isoformat()},B9,2\nf3,loaded,soon,{one.number},2\n"

    def send(text):
        return operator.post(where, {"file": SimpleUploadedFile("events.csv", text.encode())})

    refused = send(bad)
    assert refused.status_code == 422
    assert [fault["line"] for fault in refused.context["faults"]] == [
        4
    ]  # what cannot be read comes before what is not known
    refused = send(bad.rsplit("\n", 2)[0] + "\n")
    assert [fault["line"] for fault in refused.context["faults"]] == [3]
    assert seen_as("rail", Event.objects.count) == 0
    assert send(good).status_code == send(good).status_code == 303
    assert seen_as("rail", Event.objects.count) == 1
    assert operator.get(reverse("logistics:events_template")).content.decode().count("\n") == 2


def test_figures_show_sums_and_never_what_one_consignment_was_worth(harbour, browse, seen_as):
    for _ in range(FEWEST - 1):
        harbour.booked(boxes=(20,))
    day = NOW.date()
    assert seen_as("node", lambda: figures(day, day)).goods_value is None
    harbour.booked(boxes=(20,))
    assert seen_as("node", lambda: figures(day, day)).goods_value == FEWEST * 1_000_000
    tomorrow = day + timedelta(days=1)
    harbour.booked(2, boxes=(20,), now=NOW + timedelta(days=1), until=NOW + timedelta(days=2))
    months = [seen_as("node", lambda until=until: figures(day, until)).goods_value for until in (day, tomorrow)]
    assert months == [(FEWEST + 1) * 1_000_000] * 2, "what was booked on one day cannot be told from two sums"
    assert seen_as("enterprise.CQ", Measure.objects.count) == 0
    page = Client().get(reverse("logistics:indicators"))
    assert page.status_code == 200
    assert page.context["consignments"] == FEWEST + 1
    export = b"".join(Client().get(reverse("logistics:indicators") + "?figures.as=csv").streaming_content).decode()
    assert f"{(FEWEST + 1) * 1_000_000}" in export
