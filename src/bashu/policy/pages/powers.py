"""Powers lent to the area's body, the land quota, and tariffs side by side."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bashu.kernel.commands.actor import OFFICES, Role, Where
from bashu.kernel.commands.command import Command, label_of
from bashu.kernel.errors import Forbidden
from bashu.kernel.parties.models import Kind, Organisation
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.clock import today
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Table
from bashu.kernel.web.table import Kind as Cell
from bashu.policy import wording
from bashu.policy.formats.operations import acts, extent_on, extents, sources, towns
from bashu.policy.models import Delegation, LandAccount, LandMove, LandReservation
from bashu.policy.pages.forms import ClaimForm, DelegatedActForm, DelegationForm, LandForm, PlanForm, ReasonForm
from bashu.policy.selectors import delegations as selectors
from bashu.policy.selectors import land as land_selectors
from bashu.policy.selectors.tariffs import tariffs_compared
from bashu.policy.services import delegations
from bashu.policy.services import land as services

AREA = "new-area-gaozhu"
BODIES = (Kind.JOINT_OFFICE, Kind.AUTHORITY)
LEDGER = [
    Column("at", gettext_lazy("Time"), Cell.DATE),
    Column("account", gettext_lazy("Side"), sort=False, value=lambda row: str(wording.SIDES[row.account.side])),
    Column("move", gettext_lazy("Movement"), value=lambda row: str(LandMove(row.move).label)),
    Column("m2", gettext_lazy("m²"), Cell.NUMBER),
    Column("project", gettext_lazy("Project"), sort=False, value=lambda row: row.reservation.project if row.reservation else None),
    Column("used", gettext_lazy("Used after"), Cell.NUMBER), Column("reserved", gettext_lazy("Reserved after"), Cell.NUMBER),
    Column("allocated", gettext_lazy("Allocated after"), Cell.NUMBER), Column("planned", gettext_lazy("Planned after"), Cell.NUMBER),
    Column("organisation", gettext_lazy("By"), sort=False, value=lambda row: row.organisation.name),
    Column("delegation", gettext_lazy("Under"), sort=False, value=lambda row: str(_("Delegation")) if row.delegation else None,
           link="delegation.address"),
]  # fmt: skip


class Part(NamedTuple):
    """One part of a side's bar: its name, m², and its place on the bar in percent."""

    name: str
    word: str
    m2: int
    start: float
    width: float


class Bar(NamedTuple):
    """One side's quota as a stacked bar."""

    account: LandAccount
    parts: Sequence[Part]


def powers(request: HttpRequest) -> HttpResponse:
    """Every delegation with how it stands, and the latest acts under them."""
    day = today()
    rows = [(delegation, delegation.standing(day)) for delegation in selectors.delegation_list()]
    return render(
        request,
        "policy/operations/powers.html",
        {
            "rows": rows,
            "acts": selectors.act_list()[:12],
            "may_grant": may(request, "policy.delegation.grant", delegator=own_authority(request)),
            "kinds": acts().values(),
            "decision": sources()["gaozhu-npc-decision"],
        },
    )


def own_authority(request: HttpRequest) -> Any:
    """The authority for which the viewer acts, or a body that is nobody's."""
    grant = actor_of(request).grant_for({Role.AUTHORITY}, Where())
    return Organisation.objects.filter(public_id=grant.organisation).first() if grant else Organisation()


def delegation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One delegation: what, for whom, on which basis, how it stands, what was done under it."""
    found = seen(request, selectors.delegation_list(), public_id=public_id)
    standing = found.standing(today())
    return render(
        request,
        "policy/operations/delegation.html",
        {
            "delegation": found,
            "standing": standing,
            "acts": list(selectors.act_list(found)),
            "towns": [town for town in towns().values() if (town.area, town.province) == (found.area, found.province)],
            "may_revoke": found.revoked_on is None and may(request, "policy.delegation.revoke", delegation=found),
            "may_act": standing == "in_force" and may(request, "policy.delegation.act", delegation=found),
            "subject": label_of(found),
        },
    )


def delegation_grant(request: HttpRequest) -> HttpResponse:
    """Lend a power."""
    authority = own_authority(request)
    must(request, "policy.delegation.grant", delegator=authority)
    bodies = Organisation.objects.filter(kind__in=BODIES, state="active").exclude(pk=authority.pk).order_by("name_zh")
    form = DelegationForm(
        *sent(request), bodies=[(str(body.public_id), body.name) for body in bodies], initial={"valid_from": today()}
    )
    act = Act(
        _("Lend a power"), _("Lend"), authority.name, reverse("policy:powers"),
        explain=_("The body may then do these acts in the area's towns of your side. The register is public."),
    )  # fmt: skip

    def run(ctx: Command, data: dict[str, Any]) -> Delegation:
        to = Organisation.objects.get(public_id=data.pop("delegate"))
        return delegations.delegation_grant(ctx=ctx, delegator=authority, delegate=to, area=AREA, **data)

    return acted(request, form, act, run=run, to=lambda made: made.address, done=_("The power was lent."))


def delegation_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a power back."""
    found = seen(request, Delegation, public_id=public_id)
    must(request, "policy.delegation.revoke", delegation=found)
    act = Act(
        _("Revoke the delegation"), _("Revoke"), wording.AREAS.get(found.area, found.area), found.address, danger=True,
        version=found.version, confirm=_("Revoke the delegation"), explain=_("No act can cite it from today on. What was done stays."),
    )  # fmt: skip
    return acted(
        request, ReasonForm(*sent(request)), act, run=lambda ctx, data: delegations.delegation_revoke(ctx=ctx, delegation=found, **data),
        done=_("The delegation was revoked."),
    )  # fmt: skip


def delegation_act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Do an act under a delegation."""
    found = seen(request, Delegation, public_id=public_id)
    must(request, "policy.delegation.act", delegation=found)
    act = Act(
        _("Act under this delegation"), _("Record the act"), wording.AREAS.get(found.area, found.area), found.address
    )
    return acted(
        request, DelegatedActForm(*sent(request), kinds=found.acts), act,
        run=lambda ctx, data: delegations.delegated_act(ctx=ctx, delegation=found, **data), done=_("The act was recorded."),
    )  # fmt: skip


def land(request: HttpRequest) -> HttpResponseBase:
    """The quota of both sides, what is held, and the ledger."""
    table = Table(LEDGER, land_selectors.entry_list(), request, name="ledger", size=15)
    if file := table.export():
        return file
    accounts = list(land_selectors.account_list(area=AREA))
    held = [row for row in land_selectors.reservation_list() if row.held]
    return render(
        request,
        "policy/operations/land.html",
        {
            "bars": [bar(account) for account in accounts],
            "table": table,
            "held": held,
            "extents": [(row, sources()[row.source]) for row in extents()],
            "in_force": extent_on(AREA, today()),
            "may_plan": any(may(request, "policy.land.plan", side=side) for side in ("CQ", "SC")),
            "moves": {account.side: power_of(request, account, "land.reserve")[0] for account in accounts},
        },
    )


def bar(account: LandAccount) -> Bar:
    """An account's parts: used, reserved, free, planned and not allocated yet."""
    parts = {
        "used": (_("Used"), account.used), "reserved": (_("Reserved"), account.reserved), "free": (_("Free"), account.free),
        "planned": (_("Planned, not allocated"), account.planned - account.allocated),
    }  # fmt: skip
    found, start, total = [], 0.0, max(account.planned, 1)
    for name, (word, m2) in parts.items():
        width = 100 * m2 / total
        found.append(Part(name, str(word), m2, round(start, 3), round(width, 3)))
        start += width
    return Bar(account, found)


def power_of(request: HttpRequest, account: LandAccount, kind: str) -> tuple[bool, Delegation | None]:
    """Whether the viewer may move an account's land, and the delegation he would cite; an office of the side cites none."""
    actor = actor_of(request)
    if actor.grant_for(OFFICES, account.where):
        return True, None
    lent = selectors.usable(actor.organisations(), kind, account.side, today()) if actor.id else []
    return bool(lent), next(iter(lent), None)


def powered(request: HttpRequest, account: LandAccount, kind: str) -> Delegation | None:
    """The delegation to be cited; refuses (SignInNeeded, Forbidden) who has neither office nor delegation."""
    must(request, "policy.land.reserve")
    able, lent = power_of(request, account, kind)
    if not able:
        raise Forbidden(needed=_("an office of the side, or a delegation"))
    return lent


def land_plan(request: HttpRequest) -> HttpResponse:
    """Plan a side's quota of a year."""
    side = next((code for code in ("CQ", "SC") if may(request, "policy.land.plan", side=code)), "CQ")
    must(request, "policy.land.plan", side=side)
    form = PlanForm(*sent(request), initial={"year": today().year, "side": side})
    act = Act(_("Plan land quota"), _("Plan"), wording.AREAS[AREA], reverse("policy:land"))
    return acted(
        request, form, act, run=lambda ctx, data: services.land_plan(ctx=ctx, area=AREA, **data), done=_("The plan was entered.")
    )  # fmt: skip


def land_allocate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Release planned quota to be claimed."""
    account = seen(request, LandAccount, public_id=public_id)
    must(request, "policy.land.allocate", account=account)
    act = Act(
        _("Allocate land quota"),
        _("Allocate"),
        wording.SIDES[account.side],
        reverse("policy:land"),
        version=account.version,
    )
    return acted(
        request, LandForm(*sent(request)), act, run=lambda ctx, data: services.land_allocate(ctx=ctx, account=account, **data),
        done=_("The quota was allocated."),
    )  # fmt: skip


def land_reserve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hold quota for a project."""
    account = seen(request, LandAccount, public_id=public_id)
    lent = powered(request, account, "land.reserve")
    act = Act(
        _("Reserve land quota"), _("Reserve"), wording.SIDES[account.side], reverse("policy:land"),
        explain=_("{m2} m² are free.").format(m2=f"{account.free:,}"),
    )  # fmt: skip
    return acted(
        request, ClaimForm(*sent(request)), act,
        run=lambda ctx, data: services.land_reserve(ctx=ctx, account=account, delegation=lent, **data), done=_("The quota is held."),
    )  # fmt: skip


def land_settle(request: HttpRequest, public_id: UUID, use: bool) -> HttpResponse:
    """Use reserved quota or give it back."""
    found = seen(request, LandReservation.objects.select_related("account"), public_id=public_id)
    lent = powered(request, found.account, "land.use" if use else "land.release")
    service = services.land_use if use else services.land_release
    act = Act(
        _("Use land quota") if use else _("Release land quota"), _("Use") if use else pgettext("land", "Release"),
        found.project, reverse("policy:land"),
        explain=_("{m2} m² are held.").format(m2=f"{found.held:,}"), version=found.version,
    )  # fmt: skip
    return acted(
        request, LandForm(*sent(request), initial={"m2": found.held}), act,
        run=lambda ctx, data: service(ctx=ctx, reservation=found, delegation=lent, **data), done=_("The movement was entered."),
    )  # fmt: skip


def tariffs(request: HttpRequest) -> HttpResponse:
    """Prices and standards of water, power and gas in both provinces and the area."""
    return render(request, "policy/operations/tariffs.html", {"rows": tariffs_compared(today()), "day": today()})
