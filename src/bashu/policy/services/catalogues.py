"""Publishing support items, pushing offers to enterprises that need not apply, and their answers."""

from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command, plain
from bashu.kernel.journal.engine.canonical import canonical
from bashu.kernel.parties.selectors import person_behind
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.granting import topic_of
from bashu.policy.engine.support import amounts_of
from bashu.policy.errors import CatalogueRefused, CatalogueStands, OfferAnswered, OfferLapsed
from bashu.policy.formats.catalogue import Offers
from bashu.policy.formats.entities import read_entities
from bashu.policy.formats.operations import holidays, periods
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import (
    Application,
    ApplicationState,
    Award,
    Budget,
    Catalogue,
    Item,
    Offer,
    OfferBatch,
    OfferState,
    ProfileFact,
)
from bashu.policy.selectors import profiles, support
from bashu.policy.selectors.support import offers_read
from bashu.policy.services.applications import application_open, year_check
from bashu.policy.services.profiles import digests, records_take


@command("policy.catalogue.publish", roles={Role.COORDINATOR})
def catalogue_publish(*, ctx: Command, content: str) -> Catalogue:
    """Publish a catalogue file: its items can be offered and applied for from now on. It replaces the version that stood.

    Refuses (CatalogueRefused, 422) what the engine cannot read and items without a formula: an amount is computed, never typed.
    Budgets go on: what was committed stays; a budget below that is refused.
    """
    digest = sha256(content.encode()).hexdigest()
    if Catalogue.objects.filter(digest=digest).exists():
        raise CatalogueStands
    offers, reads = offers_checked(content, timezone.localdate(ctx.now))
    standing = Catalogue.objects.select_for_update(no_key=True).filter(name=offers.name, superseded_at=None).first()
    if standing:
        standing.revise(superseded_at=ctx.now)
    catalogue = Catalogue.objects.create(name=offers.name, digest=digest, content=content, published_at=ctx.now)
    items = items_write(catalogue, offers, reads)
    budgets = {name: budget_write(offers, name, items) for name in offers.budgets}
    ctx.append(
        subject=catalogue, before={"digest": standing.digest} if standing else None,
        after={"name": offers.name, "digest": digest, "items": sorted(items), "budgets": budgets}, public=True,
    )  # fmt: skip
    return catalogue


def offers_checked(content: str, on: date) -> tuple[Offers, dict[str, tuple[str, ...]]]:
    """The catalogue as the engine reads it, every item with a formula, and the facts that each item reads."""
    try:
        offers = offers_read(content)
        _amounts, reads = amounts_of(offers.items, offers.rules, read_entities([], offers.rules).population, on)
    except FileFaults as faults:
        raise CatalogueRefused(problem=faults.faults[0]) from None
    except RuleFault as fault:
        raise CatalogueRefused(problem=fault) from None
    return offers, reads


def items_write(catalogue: Catalogue, offers: Offers, reads: dict[str, tuple[str, ...]]) -> dict[str, Item]:
    """One row for each item, with the facts it reads."""
    placed = {item.id: item for item in offers.catalogue.items}
    rows = Item.objects.bulk_create(
        Item(
            catalogue=catalogue, code=item.id, province=item.province, topic=topic_of(placed[item.id]), name_zh=item.label["zh"],
            name_en=item.label["en"], status=item.status, source=offers.rules.sources[item.source].title["zh"], facts=list(reads[item.id]),
        )
        for item in offers.items
    )  # fmt: skip
    return {row.code: row for row in rows}


def budget_write(offers: Offers, name: str, items: dict[str, Item]) -> int:
    """A budget's limit brought up to date and tied to the new items; fen."""
    limit = offers.budgets[name]
    budget, made = Budget.objects.select_for_update(no_key=True).get_or_create(
        catalogue=offers.name, name=name, defaults={"most_fen": limit.most}
    )
    if not made:
        if limit.most < budget.committed_fen:
            raise CatalogueRefused(problem=_("budget {name} is below what is committed").format(name=name))
        budget.revise(most_fen=limit.most)
    codes = [item.id for place, item in enumerate(offers.items) if limit.mask >> place & 1]
    budget.items.add(*[items[code] for code in codes])
    return limit.most


@command("policy.offers.push", roles={Role.COORDINATOR})
def offers_push(*, ctx: Command, catalogue: Catalogue, year: int) -> OfferBatch:
    """Take what records tell into every profile, evaluate all under a catalogue, offer each enterprise its best set of items.

    Only what is computable from the profile is offered; what was offered, applied for or granted on the same topic for the year
    is not, whatever became of it. Two pushes at once run one after the other. One entry, with a digest of each offer.
    """
    year_check(year)
    catalogue, today = ctx.lock(catalogue), timezone.localdate(ctx.now)
    written = records_take(ctx, profiles.enterprises_known(today))
    known = profiles.profiles_of()
    enterprises = sorted(known)
    told = [{name: row.value for name, row in known[one].items()} for one in enterprises]
    found = support.worth(catalogue, told, today) if told else []
    best = support.best_sets(catalogue, found, [support.investment_of(facts) for facts in told]) if told else []
    items = {item.code: item for item in catalogue.items.all()}
    Offer.objects.filter(state=OfferState.OPEN, expires_on__lt=today).update(
        state=OfferState.LAPSED, version=F("version") + 1
    )
    taken = topics_taken(year)
    rows = [
        offer_drafted(enterprise, items[code], fen, known[enterprise])
        for enterprise, chosen in zip(enterprises, best, strict=True)
        for code, fen in chosen.items()
        if (enterprise, items[code].topic) not in taken
    ]
    batch = batch_write(ctx, catalogue, year, len(enterprises), rows)
    ctx.append(
        subject=batch, before=None,
        after={
            "catalogue": catalogue.digest, "year": year, "profiles": len(enterprises), "digest": batch.digest,
            "offers": [[row.public_id, row.digest] for row in rows], "from_records": digests(written),
        },
    )  # fmt: skip
    return batch


def batch_write(ctx: Command, catalogue: Catalogue, year: int, profiled: int, rows: list[Offer]) -> OfferBatch:
    """Write a run and its offers, which stand until the same day."""
    until = holidays().after(timezone.localdate(ctx.now), periods()["offer"].days)
    batch = OfferBatch.objects.create(
        catalogue=catalogue, year=year, profiles=profiled, offers=len(rows), pushed_at=ctx.now,
        digest=sha256("".join(row.digest for row in rows).encode()).hexdigest(),
    )  # fmt: skip
    for row in rows:
        row.batch, row.year, row.made_at, row.expires_on = batch, year, ctx.now, until
    Offer.objects.bulk_create(rows)
    return batch


def offer_drafted(enterprise: UUID, item: Item, fen: int, profile: dict[str, ProfileFact]) -> Offer:
    """An offer with the facts it was computed from and their digest."""
    facts = profiles.quoted(row for name, row in profile.items() if name in (*item.facts, "investment"))
    said = {"organisation": enterprise, "item": item.code, "catalogue": item.catalogue_id, "fen": fen, "facts": facts}
    return Offer(
        organisation_id=enterprise, item=item, province=item.province, amount_fen=fen, facts=facts,
        digest=sha256(canonical(plain(said))).hexdigest(),
    )  # fmt: skip


def topics_taken(year: int) -> set[tuple[UUID, str]]:
    """Enterprise and topic of all that was offered, applied for or granted for a year."""
    offered = Offer.objects.filter(year=year).values_list("organisation__public_id", "item__topic")
    applied = Application.objects.filter(year=year).values_list("organisation__public_id", "item__topic")
    granted = Award.objects.filter(year=year).values_list("organisation__public_id", "topic")
    return {*offered, *applied, *granted}


@command("policy.offer.accept", roles={Role.ENTERPRISE}, at="offer")
def offer_accept(*, ctx: Command, offer: Offer) -> Application:
    """Accept an offer: an application comes about that the engine has reviewed, and goes to decision at once."""
    offer = offer_answerable(ctx, offer)
    offer.revise(state=OfferState.ACCEPTED, answered_by=person_behind(ctx.actor), answered_at=ctx.now)
    ctx.append(subject=offer, before={"state": OfferState.OPEN}, after={"state": OfferState.ACCEPTED})
    return application_open(
        ctx, offer.organisation_id, offer.item, offer.year, offer.facts, fen=offer.amount_fen, state=ApplicationState.REVIEWED,
        offer=offer,
    )  # fmt: skip


@command("policy.offer.decline", roles={Role.ENTERPRISE}, at="offer")
def offer_decline(*, ctx: Command, offer: Offer) -> Offer:
    """Decline an offer."""
    offer = offer_answerable(ctx, offer)
    offer.revise(state=OfferState.DECLINED, answered_by=person_behind(ctx.actor), answered_at=ctx.now)
    ctx.append(subject=offer, before={"state": OfferState.OPEN}, after={"state": OfferState.DECLINED})
    return offer


def offer_answerable(ctx: Command, offer: Offer) -> Offer:
    """The offer under lock, if it waits for an answer."""
    offer = ctx.lock(offer)
    if offer.state != OfferState.OPEN:
        raise OfferAnswered(state=OfferState(offer.state).label)
    if offer.expires_on < timezone.localdate(ctx.now):
        raise OfferLapsed(until=offer.expires_on)
    return offer
