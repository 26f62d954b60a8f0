"""Networks in the database: all or nothing, own rows only, versions, and what becomes of departures that are held."""

import shutil
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bashu.kernel.commands.actor import ANONYMOUS
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Forbidden, SignInNeeded, StaleVersion
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.parties.services import node_actor
from bashu.logistics.errors import (
    ClosureOver,
    ClosureWrong,
    HubUnknown,
    NetworkInForce,
    NetworkKnown,
    NetworkRefused,
)
from bashu.logistics.formats import archive
from bashu.logistics.models import Departure, NetworkVersion
from bashu.logistics.selectors import SHIPPED, Cargo, network_current
from bashu.logistics.selectors.network import network_state, network_versions
from bashu.logistics.selectors.planner import options, span
from bashu.logistics.services.network import closure_declare, closure_lift, network_import, network_restore

NOW = datetime(2025, 11, 30, 2, tzinfo=UTC)
CQPORT = "91500112DEMQ00001A"
ASKED: dict[str, Any] = {
    "origin": "DEYANG", "destination": "SGSIN", "departs": datetime(2025, 12, 1), "cargo": Cargo(2)
}  # fmt: skip


def by(player: Any = None, **options: Any) -> Command:
    return Command(actor=player.actor if player else ANONYMOUS, now=options.pop("now", NOW), **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "network"))


@pytest.fixture
def edited(folder: Path) -> Callable[..., bytes]:
    """`edited("hubs.csv", "old", "new")`: the shipped network with one text exchanged, packed."""

    def make(file: str = "", old: str = "", new: str = "") -> bytes:
        if file:
            text = (folder / file).read_text(encoding="utf-8")
            assert old in text
            (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return archive.pack(folder)

    return make


@pytest.fixture
def imported(actors: Any, edited: Any) -> NetworkVersion:
    return network_import(ctx=by(actors["coordinator"]), folder_bytes=edited())


@pytest.fixture
def operator(actors: Any) -> Any:
    """The operator of Guoyuan, Wanzhou and Gaozhu."""
    from bashu.kernel.parties.models import Organisation

    with seen_by(node_actor()):
        Organisation.objects.filter(pk=actors["operator.CQ"].organisation.pk).update(credit_code=CQPORT)
    return actors["operator.CQ"]


def problems(refused: Any) -> list[tuple[str, int]]:
    return [(one.file, one.line) for one in refused.value.context["problems"]]


def hold(service: str, teu: int) -> Departure:
    departure = Departure.objects.filter(service=service, departs_at__gte=NOW).order_by("departs_at")[3]
    Departure.objects.filter(pk=departure.pk).update(held_teu=teu)
    return departure


class TestWho:
    def test_nobody_and_the_wrong_role_are_refused(self, actors, edited):
        with pytest.raises(SignInNeeded):
            network_import(ctx=by(), folder_bytes=edited())
        for name in ("enterprise.CQ", "authority.CQ", "resident.SC"):
            with pytest.raises(Forbidden):
                network_import(ctx=by(actors[name]), folder_bytes=edited())

    def test_the_first_network_is_the_joint_office_s(self, operator, edited):
        with pytest.raises(Forbidden):
            network_import(ctx=by(operator), folder_bytes=edited())

    def test_an_operator_changes_rows_of_its_own_hubs_and_services_alone(self, operator, imported, edited, folder):
        edited("windows.csv", "WANZHOU,1234567,06:00", "WANZHOU,1234567,05:00")
        line = (folder / "windows.csv").read_text(encoding="utf-8").split("\n").index("LUZHOU,1234567,07:00,22:00") + 1
        mine = edited()
        others = edited("windows.csv", "LUZHOU,1234567,07:00", "LUZHOU,1234567,06:00")
        with pytest.raises(NetworkRefused) as refused:
            network_import(ctx=by(operator), folder_bytes=others)
        assert problems(refused) == [("windows.csv", 0), ("windows.csv", line)]
        assert NetworkVersion.objects.get() == imported
        version = network_import(ctx=by(operator), folder_bytes=mine)
        assert version.difference == {"windows.csv": {"added": 1, "removed": 1}}

    def test_an_operator_cannot_make_another_s_hub_its_own(self, operator, imported, edited):
        with pytest.raises(NetworkRefused):
            network_import(ctx=by(operator), folder_bytes=edited("hubs.csv", "91510500DEMQ00002R", CQPORT))

    def test_only_the_joint_office_goes_back(self, operator, actors, imported, edited):
        network_import(ctx=by(actors["coordinator"]), folder_bytes=edited("rates.csv", "403000", "403001"))
        imported.refresh_from_db()
        with pytest.raises(Forbidden):
            network_restore(ctx=by(operator), version=imported)


class TestImport:
    def test_every_wrong_row_is_named_and_nothing_is_written(self, actors, edited, folder):
        edited("windows.csv", "07:00", "7")
        with pytest.raises(NetworkRefused) as refused:
            network_import(
                ctx=by(actors["coordinator"]), folder_bytes=edited("changes.csv", "road,rail,240", "road,rail,x")
            )
        assert problems(refused) == [("windows.csv", 2), ("changes.csv", 3)]
        assert not NetworkVersion.objects.exists()
        assert not Departure.objects.exists()

    def test_departures_to_come_are_written_under_their_trips(self, imported):
        assert Departure.objects.count() == imported.departures > 3000
        assert not Departure.objects.filter(departs_at__lt=NOW).exists()
        barge = Departure.objects.filter(service="BARGE-LZ", trip__gte="20251203")
        first, second = barge.order_by("trip", "sequence")[:2]
        assert first.trip == second.trip == f"{first.departs_at.astimezone(UTC):%Y%m%dT%H%MZ}"
        assert (first.sequence, second.sequence, first.target, second.corridor) == (1, 2, "LUZHOU", "yangtze")

    def test_operators_known_by_their_credit_code_own_their_departures(self, operator, actors, imported, edited):
        code = "91510113DEMQ000046"
        assert Departure.objects.filter(operator__isnull=False).count() == 0
        edited("services.csv", f"rail,land_sea,{code}", f"rail,land_sea,{CQPORT}")
        network_import(ctx=by(actors["coordinator"]), folder_bytes=edited())
        owned = Departure.objects.filter(operator_id=operator.organisation.public_id)
        assert set(owned.values_list("service", flat=True)) == {"LSC-CD"}

    def test_the_same_network_again_is_refused(self, actors, imported, edited):
        with pytest.raises(NetworkKnown):
            network_import(ctx=by(actors["coordinator"]), folder_bytes=edited())

    def test_what_was_seen_is_what_is_replaced(self, actors, imported, edited):
        new = edited("rates.csv", "403000", "403001")
        with pytest.raises(StaleVersion):
            network_import(ctx=by(actors["coordinator"], expects=imported.version + 1), folder_bytes=new)

    @pytest.mark.parametrize("content", [b"", b"PK\x05\x06 no zip", b"\x00" * 100])
    def test_what_is_no_zip_is_refused(self, actors, content):
        with pytest.raises(NetworkRefused) as refused:
            network_import(ctx=by(actors["coordinator"]), folder_bytes=content)
        assert problems(refused) == [("ZIP", 0)]

    def test_a_zip_that_swells_is_refused(self, actors, monkeypatch):
        monkeypatch.setattr(archive, "LARGEST", 1024 * 1024)
        bomb = BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as swelling:
            swelling.writestr("hubs.csv", b"\x00" * 5 * 1024 * 1024)
        assert len(bomb.getvalue()) < 10_000
        with pytest.raises(NetworkRefused) as refused:
            network_import(ctx=by(actors["coordinator"]), folder_bytes=bomb.getvalue())
        assert "1 MiB" in str(refused.value)

    def test_paths_in_a_zip_lead_nowhere(self, tmp_path):
        crafted = BytesIO()
        with zipfile.ZipFile(crafted, "w") as writing:
            writing.writestr("../../hubs.csv", "code\n")
            writing.writestr("../../outside.csv", "code\n")
        (tmp_path / "in").mkdir()
        archive.unpack(crafted.getvalue(), tmp_path / "in")
        assert sorted(one.name for one in tmp_path.rglob("*")) == ["hubs.csv", "in"]


class TestHeld:
    def test_space_below_what_is_held_is_refused_with_its_line(self, actors, imported, edited):
        hold("LSC-CQ", 60)
        fewer = edited(
            "timetables.csv",
            "LSC-CQ,1234567,10:00,2025-01-01,2026-03-31,100",
            "LSC-CQ,1234567,10:00,2025-01-01,2026-03-31,50",
        )
        with pytest.raises(NetworkRefused) as refused:
            network_import(ctx=by(actors["coordinator"]), folder_bytes=fewer)
        assert problems(refused) == [("timetables.csv", 4)]
        assert NetworkVersion.objects.get().current

    def test_a_departure_that_vanishes_is_withdrawn_and_its_hold_stays(self, actors, imported, edited):
        held = hold("LSC-CQ", 60)
        gone = edited(
            "timetables.csv", "LSC-CQ,1234567,10:00,2025-01-01,2026-03-31", "LSC-CQ,1234567,10:00,2025-01-01,2025-11-30"
        )
        network_import(ctx=by(actors["coordinator"]), folder_bytes=gone)
        held.refresh_from_db()
        assert (held.withdrawn, held.held_teu) == (True, 60)
        assert not Departure.objects.filter(
            service="LSC-CQ", withdrawn=False, departs_at__gte=NOW + timedelta(days=1)
        ).exists()

    def test_going_back_brings_withdrawn_departures_back(self, actors, imported, edited):
        held = hold("LSC-CQ", 60)
        gone = edited(
            "timetables.csv", "LSC-CQ,1234567,10:00,2025-01-01,2026-03-31", "LSC-CQ,1234567,10:00,2025-01-01,2025-11-30"
        )
        network_import(ctx=by(actors["coordinator"]), folder_bytes=gone)
        imported.refresh_from_db()
        network_restore(ctx=by(actors["coordinator"]), version=imported)
        held.refresh_from_db()
        assert (held.withdrawn, held.held_teu, held.network_id) == (False, 60, imported.pk)
        assert [one.current for one in network_versions()] == [False, True]
        with pytest.raises(NetworkInForce):
            network_restore(ctx=by(actors["coordinator"]), version=imported)

    def test_what_departed_before_now_stays_as_it_is(self, actors, imported, edited):
        later = NOW + timedelta(days=30)
        before = Departure.objects.filter(departs_at__lt=later)
        count = before.count()
        ctx = by(actors["coordinator"], now=later)
        network_import(ctx=ctx, folder_bytes=edited("timetables.csv", "1234567", "12345"))
        assert before.filter(network=imported, withdrawn=False).count() == count


class TestClosures:
    def test_who_neither_runs_nor_answers_for_a_hub_is_refused(self, actors, operator, imported):
        window = {"closed_from": NOW, "until": NOW + timedelta(days=2), "reason": "flood"}
        with pytest.raises(SignInNeeded):
            closure_declare(ctx=by(), hub="GUOYUAN", **window)
        for name, hub in (("enterprise.CQ", "GUOYUAN"), ("operator.CQ", "LUZHOU"), ("authority.SC", "GUOYUAN")):
            with pytest.raises(Forbidden):
                closure_declare(ctx=by(actors[name]), hub=hub, **window)
        with pytest.raises(HubUnknown):
            closure_declare(ctx=by(operator), hub="NOWHERE", **window)
        with pytest.raises(ClosureWrong):
            closure_declare(ctx=by(operator), hub="GUOYUAN", closed_from=NOW, until=NOW, reason="flood")

    def test_every_question_plans_around_a_closed_hub_until_it_is_lifted(self, actors, operator, imported):
        assert any("GUOYUAN" in through(option) for option in ways())
        closure = closure_declare(ctx=by(operator), hub="GUOYUAN", closed_from=NOW, until=None, reason="flood")
        assert not any("GUOYUAN" in through(option) for option in ways())
        with pytest.raises(Forbidden):
            closure_lift(ctx=by(actors["authority.SC"]), closure=closure)
        closure_lift(ctx=by(operator), closure=closure)
        assert any("GUOYUAN" in through(option) for option in ways())
        closure.refresh_from_db()
        with pytest.raises(ClosureOver):
            closure_lift(ctx=by(operator), closure=closure)


def ways() -> list[Any]:
    from bashu.logistics.selectors import answer_out

    return answer_out(options(**ASKED))


def through(option: dict[str, Any]) -> list[str]:
    return [leg["to"] for leg in option["legs"]]


class TestLive:
    def test_a_full_departure_is_not_offered(self, imported):
        taken = next(leg for option in ways() for leg in option["legs"] if leg["service"] == "LSC-CQ")
        named = {"service": "LSC-CQ", "trip": taken["trip"], "sequence": 1}
        assert Departure.objects.filter(**named).update(held_teu=99) == 1
        assert taken["trip"] not in [leg["trip"] for option in ways() for leg in option["legs"]]
        Departure.objects.filter(**named).update(held_teu=98)
        assert taken["trip"] in [leg["trip"] for option in ways() for leg in option["legs"]]

    def test_without_a_network_of_its_own_a_node_answers_from_the_shipped_one(self, db):
        assert network_current().version == options(**ASKED).folder.version
        assert not NetworkVersion.objects.exists()

    def test_every_leg_names_departures_that_can_be_held(self, imported):
        for option in ways():
            for leg in option["legs"]:
                for sequence in leg["sequences"]:
                    assert Departure.objects.get(service=leg["service"], trip=leg["trip"], sequence=sequence)


class TestSwap:
    @pytest.mark.slow
    def test_a_question_sees_one_network_from_begin_to_end(self, database, actors, edited, django_db_blocker):
        """Two networks alternate while others ask; each answer's prices are those of the version it names."""
        first = network_import(ctx=by(actors["coordinator"]), folder_bytes=edited())
        dearer = edited(
            "rates.csv",
            "LSC-CD,QINGBAIJIANG,QINZHOU,2025-01-01,403000",
            "LSC-CD,QINGBAIJIANG,QINZHOU,2025-01-01,413000",
        )
        second = network_import(ctx=by(actors["coordinator"]), folder_bytes=dearer)
        base = {first.digest: 403000, second.digest: 413000}
        stop, seen, wrong = threading.Event(), set(), []

        def ask() -> None:
            try:
                while not stop.is_set():
                    folder, _ = network_state(*span(ASKED["departs"]))
                    answer = options(**ASKED)
                    (rate,) = next(
                        listed
                        for key, listed in answer.folder.rates.items()
                        if folder.services[key[0]].code == "LSC-CD"
                    )
                    seen.add(answer.folder.version)
                    if rate.price != base[answer.folder.version]:
                        wrong.append((answer.folder.version, rate.price))
            except Exception as error:
                wrong.append(error)
            finally:
                connection.close()

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        for _ in range(4):
            for version in (first, second):
                version.refresh_from_db()
                network_restore(ctx=by(actors["coordinator"]), version=version)
        stop.set()
        for asker in askers:
            asker.join(60)
        assert not wrong
        assert seen <= set(base)
