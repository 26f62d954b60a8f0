"""An enterprise's side: what waits for it, its applications, applying, answering offers."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import ROLE_NAMES, Role, Where
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web.acting import Act, acted, must, sent
from bashu.kernel.web.clock import today
from bashu.kernel.web.requests import actor_of, seen
from bashu.policy.models import Item, Offer, OfferState
from bashu.policy.pages.forms import FactsForm, NothingAsked
from bashu.policy.selectors import applications, profiles, support
from bashu.policy.services.applications import application_submit
from bashu.policy.services.catalogues import offer_accept, offer_decline


def enterprise_of(request: HttpRequest) -> Organisation:
    """The enterprise for which the viewer acts; SignInNeeded (401), Forbidden (403) when there is none."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    grant = actor.grant_for({Role.ENTERPRISE}, Where())
    if grant is None:
        raise Forbidden(needed=ROLE_NAMES[Role.ENTERPRISE])
    return seen(request, Organisation, public_id=grant.organisation)


def mine(request: HttpRequest) -> HttpResponse:
    """What waits for the enterprise, its applications, and what it can apply for."""
    firm, day = enterprise_of(request), today()
    own = list(applications.application_list().filter(organisation=firm))
    offers = list(support.offers_open([firm.public_id], day))
    taken = applications.open_topics([firm.public_id], day.year) | {offer.item.code for offer in offers}
    return render(
        request,
        "policy/operations/mine.html",
        {
            "firm": firm,
            "today": day,
            "offers": offers,
            "answered": support.offer_list(organisation=firm.public_id).exclude(state=OfferState.OPEN)[:10],
            "applications": own,
            "items": [item for item in support.item_list() if item.code not in taken],
        },
    )


def apply(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Apply for an item: only what is not known yet is asked for."""
    item = seen(request, Item.objects.select_related("catalogue"), public_id=public_id)
    firm = enterprise_of(request)
    with seen_by(actor_of(request)):
        known = profiles.profile_of(firm.public_id)
    read = [fact for name, fact in profiles.asked_by(item.catalogue).items() if name in (*item.facts, "investment")]
    unknown = [fact for fact in read if fact.id not in known and fact.id not in profiles.FROM_RECORDS]
    form = FactsForm(
        *sent(request), facts=unknown, choices=profiles.readable().choices, needed=[fact.id for fact in unknown],
        initial={"as_of": today()},
    )  # fmt: skip
    act = Act(
        _("Apply: {name}").format(name=item.name), _("Submit the application"), firm.name, reverse("policy:mine"),
        explain=_("The amount is computed from your profile and from what you state here. Nobody types it."),
    )  # fmt: skip

    def run(ctx: Command, data: dict[str, Any]) -> Any:
        return application_submit(
            ctx=ctx, organisation=firm, item=item, year=today().year, declared=form.declared(), as_of=data["as_of"],
            evidence=form.evidence(),
        )  # fmt: skip

    beside = {"item": item, "known": [row for name, row in known.items() if name in (*item.facts, "investment")]}
    return acted(request, form, act, run=run, to=lambda made: made.address, done=_("Submitted."), context=beside)


def offer_answer(request: HttpRequest, public_id: UUID, accept: bool) -> HttpResponse:
    """Accept or decline an offer."""
    offer = seen(request, Offer.objects.select_related("item__catalogue"), public_id=public_id)
    must(request, "policy.offer.accept", offer=offer)
    service = offer_accept if accept else offer_decline
    act = Act(
        _("Accept the offer") if accept else _("Decline the offer"), _("Accept") if accept else _("Decline"), offer.item.name,
        reverse("policy:mine"), version=offer.version,
        explain=_("It goes to decision at once; there is nothing to fill in.")
        if accept
        else _("It is not offered again this year. You can still apply."),
    )  # fmt: skip
    return acted(
        request, NothingAsked(*sent(request)), act, run=lambda ctx, _data: service(ctx=ctx, offer=offer),
        to=lambda made: made.address if accept else reverse("policy:mine"),
        done=_("Accepted.") if accept else _("Declined."), context={"offer": offer},
    )  # fmt: skip
