"""Support: catalogues as published, what items come to for an enterprise, offers, budgets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import QuerySet

from bashu.policy.engine.choosing import choose
from bashu.policy.engine.rules import Label
from bashu.policy.engine.support import amounts_of
from bashu.policy.formats.catalogue import Offers, catalogue_of
from bashu.policy.formats.entities import read_entities
from bashu.policy.formats.yaml_lines import parse
from bashu.policy.models import Budget, Catalogue, Item, Offer, OfferBatch, OfferState, ProfileFact

SHIPPED = Path(__file__).parent.parent / "facts" / "regional"
NOT_ELIGIBLE, UNKNOWN = -1, -2
PUSH_AGAIN = timedelta(days=1)


class Worth(NamedTuple):
    """What an item comes to for an enterprise: fen, NOT_ELIGIBLE, or UNKNOWN with the facts that are missing."""

    fen: int
    missing: tuple[str, ...] = ()


@lru_cache(maxsize=16)
def offers_read(content: str) -> Offers:
    """A catalogue file's text, read by the engine's own reader, once."""
    return catalogue_of(parse(content, "catalogue"))


def offers_of(catalogue: Catalogue) -> Offers:
    """A published catalogue as the engine takes it."""
    return offers_read(catalogue.content)


def catalogue_list() -> list[Catalogue]:
    """The catalogues that hold, by name."""
    return list(Catalogue.objects.filter(superseded_at=None).order_by("name"))


def pushes_last() -> QuerySet[OfferBatch]:
    """The last time that the offers of each catalogue that holds were computed."""
    runs = OfferBatch.objects.filter(catalogue__superseded_at=None).select_related("catalogue")
    return runs.order_by("catalogue", "-pk").distinct("catalogue")


def catalogues_due(now: datetime) -> list[tuple[Catalogue, OfferBatch | None]]:
    """The catalogues whose offers are to be computed anew, each with its last run: no run yet, a fact recorded since, or a day old.

    Identifiers are ordered in real time, also where the clock stands still. A fact committed while a run was on its way is
    found by the next day's run.
    """
    newest = ProfileFact.objects.order_by("-public_id").values_list("public_id", flat=True).first()
    runs = {run.catalogue_id: run for run in pushes_last()}
    return [
        (catalogue, last)
        for catalogue, last in ((one, runs.get(one.pk)) for one in catalogue_list())
        if last is None or (newest and newest > last.public_id) or last.pushed_at <= now - PUSH_AGAIN
    ]


def item_list() -> QuerySet[Item]:
    """The items one can apply for."""
    return Item.objects.filter(catalogue__superseded_at=None).select_related("catalogue").order_by("topic", "code")


def budget_list() -> QuerySet[Budget]:
    """Budgets with what is committed and paid."""
    return Budget.objects.prefetch_related("items").order_by("catalogue", "name")


def budget_label(budget: Budget, catalogues: Iterable[Catalogue]) -> Label:
    """What a budget is called: as the catalogue that holds says, else the name it is kept under."""
    current = next((one for one in catalogues if one.name == budget.catalogue), None)
    kept = {"zh": budget.name, "en": budget.name}
    return offers_of(current).budget_labels.get(budget.name, kept) if current else kept


def values(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The bare values of quoted facts."""
    return {name: told["value"] for name, told in facts.items()}


def investment_of(facts: Mapping[str, Any]) -> int | None:
    """The investment in fen among facts by name; None where it is not known."""
    told = facts.get("investment")
    return None if told is None else int(Decimal(str(told)) * 100)


def worth(catalogue: Catalogue, profiles: Sequence[Mapping[str, Any]], on: date) -> list[dict[str, Worth]]:
    """What each item comes to for each profile (facts by name), under the rules of a day; limits over items are not applied."""
    offers = offers_of(catalogue)
    read = {*offers.rules.facts, *offers.rules.tables}
    lines = [
        json.dumps({"id": str(number), **{name: told for name, told in facts.items() if name in read}})
        for number, facts in enumerate(profiles)
    ]
    population = read_entities(lines, offers.rules, "profiles").population
    amounts, reads = amounts_of(offers.items, offers.rules, population, on)
    shared = offers.catalogue.share is not None
    found = []
    for row, facts in enumerate(profiles):
        unknown = {name for name, known in population.known.items() if not known[row]}
        one = {}
        for place, item in enumerate(offers.items):
            missing = tuple(sorted(unknown & set(reads[item.id])))
            if shared and facts.get("investment") is None:
                missing = (*missing, "investment")
            fen = int(amounts[row, place])
            one[item.id] = Worth(UNKNOWN, missing) if missing else Worth(fen if fen > 0 else NOT_ELIGIBLE)
        found.append(one)
    return found


def best_sets(
    catalogue: Catalogue, found: Sequence[Mapping[str, Worth]], investments: Sequence[int | None]
) -> list[dict[str, int]]:
    """The best set of items for each enterprise over both provinces, with each item's own amount in fen."""
    offers = offers_of(catalogue)
    codes = [item.id for item in offers.items]
    amounts = np.array([[max(one[code].fen, NOT_ELIGIBLE) for code in codes] for one in found], np.int64)
    money = np.array([investment or 0 for investment in investments], np.int64)
    masks = choose(offers.problem, amounts.reshape(len(found), len(codes)), money).mask
    return [
        {code: int(amounts[row, place]) for place, code in enumerate(codes) if int(masks[row]) >> place & 1}
        for row in range(len(found))
    ]


def offer_list(*, organisation: UUID | None = None, state: str | None = None) -> QuerySet[Offer]:
    """Offers the viewer may see, newest first."""
    found = Offer.objects.select_related("item", "organisation").order_by("-made_at", "pk")
    if organisation is not None:
        found = found.filter(organisation__public_id=organisation)
    return found.filter(state=state) if state else found


def offers_open(organisations: Sequence[UUID], today: date) -> QuerySet[Offer]:
    """Offers that still wait for these enterprises."""
    return offer_list(state=OfferState.OPEN).filter(organisation__public_id__in=organisations, expires_on__gte=today)
