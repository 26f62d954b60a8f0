"""One small world for tests of access and contract: something of everything that an address can name, all of it Chongqing's."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from uuid_utils.compat import uuid7

NOW = datetime(2025, 6, 1, tzinfo=UTC)
CSV = b"target,jurisdiction,period_start,period_end,value\r\nT03,CQ,2024-01-01,2024-12-31,18\r\n"
# Where a path's {public_id} is what of the world.
NAMED = {
    "/jobs/{public_id}": "job", "/journal/entries/{entry_id}": "entry", "/parties/memberships/{public_id}": "membership",
    "/parties/tokens/{public_id}": "token", "/parties/organisations/{public_id}/approve": "applied",
    "/parties/organisations/{public_id}": "organisation", "/programme/blockers/{public_id}": "blocker",
    "/programme/milestones/{public_id}": "milestone", "/programme/readings/{public_id}": "reading",
    "/programme/targets/{code}": "target", "/programme/tasks/{code}": "task", "/places/boundaries/{level}": "level",
    "/logistics/consignments/{public_id}": "consignment", "/logistics/legs/{public_id}": "leg", "/logistics/ports/{hub}": "port",
    "/logistics/networks/{public_id}": "network", "/logistics/closures/{public_id}": "closure", "/logistics/hubs/{code}": "port",
    "/logistics/declarations/{public_id}": "declaration", "/logistics/transits/{public_id}": "transit",
}  # fmt: skip


def world_make(actors: dict[str, Any]) -> dict[str, Any]:
    """Make the world through the services where they can, past them where a thing has no service; its addresses' values."""
    from django.db import transaction
    from django.utils import timezone

    from bashu.kernel.commands.actor import ANONYMOUS
    from bashu.kernel.commands.command import Command
    from bashu.kernel.jobs.models import Job
    from bashu.kernel.journal.models import Entry
    from bashu.kernel.parties import models, selectors, services
    from bashu.programme.formats.evidence import File
    from bashu.programme.models import Target, Task
    from bashu.programme.services import plans, readings, work

    office, joint = actors["authority.CQ"].actor, actors["coordinator"].actor
    firm = actors["enterprise.CQ"]

    def ctx(actor: Any) -> Command:
        return Command(actor=actor, now=NOW)

    applied = services.organisation_apply(ctx=ctx(firm.actor), name_zh="申请企业", jurisdiction="CQ", kind="enterprise")
    task = Task.objects.order_by("code").first()
    reading = readings.reading_report(
        ctx=ctx(office), jurisdiction="CQ", target=Target.objects.get(code="T03"), period_start=date(2024, 1, 1),
        period_end=date(2024, 12, 31), value=Decimal(18), evidence=[File("evidence.csv", CSV)],
    )  # fmt: skip
    milestone = work.milestone_add(ctx=ctx(office), task=task, name="开工", due=date(2025, 12, 31))
    blocker = work.blocker_raise(ctx=ctx(office), task=task, description="用地未落实")
    plan = plans.plan_open(ctx=ctx(joint), year=2031)
    item = plans.plan_item_add(ctx=ctx(joint), plan=plan, task=task)
    with transaction.atomic():
        selectors.set_scope(services.node_actor())
        newcomer = models.Person.objects.create(email="newcomer@example.com", display_name="newcomer", password="!")
        pending = models.Membership.objects.create(
            person=newcomer, organisation=firm.organisation, role="enterprise", state="pending", since=timezone.now()
        )
        job = Job.objects.create(
            kind="test", parameters={}, submitted_by=office.label, submitter=office.id, actor={"grants": [], "scopes": None},
            organisation=office.grants[0].organisation, organisation_name="重庆市主管部门", jurisdiction="CQ", submitted_at=NOW,
        )  # fmt: skip
        evidence = reading.evidence.first()
        entry = Entry.objects.filter(subject=f"programme.reading:{reading.public_id}").first()
        token = models.ApiToken.objects.filter(membership=firm.membership).first()
        selectors.set_scope(ANONYMOUS)
    return {
        "applied": applied.public_id, "organisation": firm.organisation.public_id, "membership": pending.public_id,
        "own_membership": firm.membership.public_id, "token": token.public_id, "reading": reading.public_id,
        "evidence": evidence.public_id, "task": task.code, "milestone": milestone.public_id, "blocker": blocker.public_id,
        "plan": plan.year, "item": item.public_id, "job": job.public_id, "entry": entry.id, "target": "T03",
        **bookings_make(actors), "tomorrow": (timezone.now() + timedelta(days=1)).isoformat(), "nothing": uuid7(),
    }  # fmt: skip


def bookings_make(actors: dict[str, Any]) -> dict[str, Any]:
    """A consignment of Chongqing's enterprise, declared to Chongqing's authority, to whom goods come under bond."""
    from bashu.kernel.parties.selectors import seen_by
    from bashu.logistics.models import Leg, NetworkVersion
    from bashu.logistics.services import clearance, network
    from harbour import NOW as THEN
    from harbour import command, harbour_make

    harbour = harbour_make(actors)
    shipper, first = harbour.actors["enterprise.CQ"], harbour.actors["customs.SC"]
    office = harbour.organisations["authority.CQ"]
    clearance.port_office_set(ctx=command(harbour.actors["coordinator"]), hub="GUOYUAN", office=office)
    booked = harbour.booked()
    inland = clearance.declaration_lodge(
        ctx=command(shipper), consignment=booked, hub="QINGBAIJIANG", procedure="transit"
    )
    clearance.declaration_accept(ctx=command(first), declaration=inland)
    clearance.declaration_release(ctx=command(first), declaration=inland)
    transit = clearance.transit_open(
        ctx=command(first), declaration=inland, target="GUOYUAN", seal="CN-1", due_at=THEN + timedelta(days=3)
    )
    declaration = clearance.declaration_lodge(
        ctx=command(shipper), consignment=booked, hub="GUOYUAN", procedure="export"
    )
    closure = network.closure_declare(
        ctx=command(harbour.actors["coordinator"]), hub="GUOYUAN", closed_from=THEN, until=None, reason="汛期"
    )
    with seen_by(shipper):
        version = NetworkVersion.objects.order_by("pk").first().public_id
        leg = Leg.objects.get(sequence=3).public_id
    return {
        "consignment": booked.public_id, "leg": leg, "declaration": declaration.public_id, "transit": transit.public_id,
        "network": version, "closure": closure.public_id, "port": "GUOYUAN", "step": "accept", "office": office,
    }  # fmt: skip
