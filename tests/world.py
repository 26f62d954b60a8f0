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
    "/power/cases/{public_id}": "case", "/power/runs/{public_id}": "run", "/power/games/{public_id}": "game",
    "/power/trees/{public_id}": "tree",
    "/programme/milestones/{public_id}": "milestone", "/programme/readings/{public_id}": "reading",
    "/policy/profiles/{public_id}": "organisation", "/policy/offers/{public_id}": "offer",
    "/policy/applications/{public_id}/approve": "reviewed",
    "/policy/applications/{public_id}/refuse": "reviewed", "/policy/applications/{public_id}": "application",
    "/policy/appeals/{public_id}": "appeal", "/policy/delegations/{public_id}": "delegation",
    "/policy/land/accounts/{public_id}": "land", "/policy/land/reservations/{public_id}": "held",
    "/power/units/{public_id}": "power_unit", "/power/holdings/{public_id}": "holding", "/power/transfers/{public_id}": "transfer",
    "/power/retirements/{public_id}": "retirement", "/power/settlements/{public_id}": "settlement",
    "/power/organisations/{public_id}": "authority",
    "/programme/targets/{code}": "target", "/programme/tasks/{code}": "task", "/places/boundaries/{level}": "level",
    "/policy/schemas/{kind}": "schema",
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
    from bashu.policy.selectors.library import shipped_texts
    from bashu.policy.services.runs import run_save
    from bashu.policy.services.studies import study_make
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
    policy = policy_make(actors, ctx)
    run = run_save(ctx=ctx(office), rules=shipped_texts(), entities=b'{"id": "a"}\n', period="2025", file="e.jsonl")
    change = {"parameter": "soil_rate", "province": "SC", "value": "1.2", "choice": None}
    study = study_make(ctx=ctx(office), change=change, period="2025", entities=b'{"id": "a"}\n')
    power = {**certificates_make(actors), **dispatch_make(ctx, office)}
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
        **policy, **power, "applied": applied.public_id, "organisation": firm.organisation.public_id, "membership": pending.public_id,
        "own_membership": firm.membership.public_id, "token": token.public_id, "reading": reading.public_id,
        "evidence": evidence.public_id, "task": task.code, "milestone": milestone.public_id, "blocker": blocker.public_id,
        "plan": plan.year, "item": item.public_id, "job": job.public_id, "entry": entry.id, "target": "T03",
        "rules_run": run.public_id, "study": study.public_id, "levy": "deed", "sample_item": "cq-research", "schema": "rules",
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


def policy_make(actors: dict[str, Any], ctx: Any) -> dict[str, Any]:
    """Policy's part: an offer, applications submitted, reviewed, and refused with an appeal; a power lent, land planned and held."""
    from pathlib import Path

    import bashu.policy
    from bashu.kernel.parties.selectors import seen_by
    from bashu.policy.models import Offer
    from bashu.policy.services import appeals, applications, catalogues, delegations, land, profiles

    joint, office, firm = actors["coordinator"].actor, actors["authority.CQ"], actors["enterprise.CQ"]
    sample = Path(bashu.policy.__file__).parent / "facts" / "sample" / "catalogue.yaml"
    catalogue = catalogues.catalogue_publish(ctx=ctx(joint), content=sample.read_text(encoding="utf-8"))
    items = {item.code: item for item in catalogue.items.select_related("catalogue")}
    facts = {
        "research_spending": "1000000.00",
        "hired_doctors": 2,
        "equipment": "2000000.00",
        "investment": "90000000.00",
    }
    profiles.profile_record(ctx=ctx(firm.actor), organisation=firm.organisation, facts=facts, as_of=date(2025, 5, 31))
    catalogues.offers_push(ctx=ctx(joint), catalogue=catalogue, year=2025)

    def submitted(code: str) -> Any:
        return applications.application_submit(
            ctx=ctx(firm.actor), organisation=firm.organisation, item=items[code], year=2025
        )

    def reviewed(code: str) -> Any:
        done = applications.application_accept(ctx=ctx(office.actor), application=submitted(code))
        return applications.application_review(ctx=ctx(office.actor), application=done, finding="属实")

    refused = applications.application_refuse(ctx=ctx(joint), application=reviewed("cq-talent"), reason="不符")
    appeal = appeals.appeal_file(ctx=ctx(firm.actor), application=refused, grounds="有误")
    lent = delegations.delegation_grant(
        ctx=ctx(office.actor), delegator=office.organisation, delegate=actors["coordinator"].organisation, acts=["land.use"],
        area="new-area-gaozhu", basis="依法委托", source="决定", valid_from=date(2025, 1, 1),
    )  # fmt: skip
    quota = {"area": "new-area-gaozhu", "side": "CQ", "year": 2025, "reason": "计划"}
    land.land_plan(ctx=ctx(office.actor), m2=1000, **quota)
    account = land.land_allocate(ctx=ctx(office.actor), account=land.LandAccount.objects.get(), m2=900, reason="下达")
    held = land.land_reserve(ctx=ctx(office.actor), account=account, project="项目", m2=100, reason="落地")
    with seen_by(firm.actor):
        offer = Offer.objects.get(item__topic="research")
    return {
        "support_item": items["cq-equipment"].public_id, "offer": offer.public_id, "application": submitted("cq-equipment").public_id,
        "reviewed": reviewed("cq-research").public_id, "appeal": appeal.public_id, "delegation": lent.public_id,
        "land": account.public_id, "held": held.public_id, "authority": office.organisation.public_id,
        "joint_office": actors["coordinator"].organisation.public_id,
    }  # fmt: skip


def certificates_make(actors: dict[str, Any]) -> dict[str, Any]:
    """A wind farm of Chongqing's authority with five certificates: one offered to it, one retired; and a proposed settlement."""
    from bashu.kernel.commands.command import Command
    from bashu.kernel.parties.selectors import seen_by
    from bashu.power.models import Holding
    from bashu.power.services import certificates, metering, settlement

    office, firm = actors["authority.CQ"], actors["enterprise.CQ"]

    def ctx(player: Any) -> Command:
        return Command(actor=player.actor, now=NOW)

    units = {}
    for code, owner in (("W1", office), ("W2", firm)):
        units[code] = metering.unit_register(
            ctx=ctx(office), jurisdiction="CQ", code=code, owner=owner.organisation, technology="wind",
            commissioned_on=date(2020, 1, 1), name_zh="风电场",
        )  # fmt: skip
        rows = "".join(f"{code},2025-04-01T{hour:02}:00+08:00,1000000\n" for hour in range(5))
        metering.hours_meter(ctx=ctx(office), content=f"unit,hour,generated_wh\n{rows}".encode())
        certificates.batch_issue(ctx=ctx(office), unit=units[code], month=date(2025, 4, 1))
    with seen_by(office.actor):
        holding, other = (Holding.objects.get(unit=unit) for unit in units.values())
    retirement = certificates.certificates_retire(
        ctx=ctx(office), holding=holding, quantity=1, purpose="2025年绿色电力消费"
    )
    transfer = certificates.transfer_offer(ctx=ctx(firm), holding=other, receiver=office.organisation, quantity=1)
    proposed = settlement.settlement_propose(
        ctx=ctx(actors["authority.SC"]), counterparty=office.organisation, period_start=date(2025, 5, 1), period_end=date(2025, 5, 7),
        division="shapley", baseline="isolated", target={"SC": Decimal(1), "CQ": Decimal(1)}, settled={"SC": Decimal(2), "CQ": Decimal(0)},
    )  # fmt: skip
    return {
        "power_unit": units["W1"].public_id, "holding": holding.public_id, "transfer": transfer.public_id,
        "retirement": retirement.public_id, "settlement": proposed.public_id, "authority": office.organisation.public_id,
        "authority_sc": actors["authority.SC"].organisation.public_id, "firm": firm.organisation.public_id,
    }  # fmt: skip


def dispatch_make(ctx: Any, office: Any) -> dict[str, Any]:
    """A case of six hours with one dispatch, and a division that nobody has computed yet."""
    from bashu.power.models import Configuration, Season, Status
    from bashu.power.selectors.dispatch import solved
    from bashu.power.services import dispatch

    case = dispatch.case_create(
        ctx=ctx(office),
        name="六小时",
        season=Season.WET,
        starts_at=datetime(2025, 7, 7, tzinfo=UTC),
        hours=6,
        voll_fen=2_000_000,
    )
    run = dispatch.run_add(ctx=ctx(office), case=case, configuration=Configuration.JOINT)
    ((_, outcome),) = solved(case, [run.configuration])
    dispatch.run_record(
        ctx=ctx(office), run=run, status=Status(outcome.status), fields=outcome.fields, hourly=outcome.hourly
    )
    game = dispatch.game_add(ctx=ctx(office), case=case, baseline="isolated", voll_fen=2_000_000)
    tree = dispatch.tree_add(ctx=ctx(office), case=case)
    return {"case": case.public_id, "run": run.public_id, "game": game.public_id, "tree": tree.public_id}
