"""Applications as their enterprises and the offices look at them: lists, queues, what may be granted."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet

from bashu.policy.engine.choosing import CQ, SC
from bashu.policy.engine.granting import Granted, Verdict, grantable
from bashu.policy.formats.operations import holidays, periods
from bashu.policy.models import Appeal, AppealState, Application, ApplicationState, Award, Step
from bashu.policy.models.applications import OPEN
from bashu.policy.selectors.support import UNKNOWN, Worth, investment_of, offers_of, values, worth

SIDES = {"CQ": CQ, "SC": SC}
WAITING = (
    ApplicationState.SUBMITTED,
    ApplicationState.COMPLETE,
    ApplicationState.REVIEWED,
    ApplicationState.APPROVED,
)


def deadline(period: str, start: date) -> date:
    """The last day of a period that an event on `start` sets going."""
    length = periods()[period]
    return start + timedelta(days=length.days) if length.calendar else holidays().after(start, length.days)


def provisional(day: date) -> bool:
    """Whether a deadline rests on a year whose holidays are not known yet: weekends alone were counted."""
    return day.year not in holidays().years


def computed(application: Application) -> Worth:
    """What an application's facts come to under its catalogue on the day it was submitted."""
    item = application.item
    return worth(item.catalogue, [values(application.facts)], application.submitted_on)[0][item.code]


def awards_of(organisation: UUID, year: int) -> list[Award]:
    """What an enterprise was granted for a year by either province."""
    return list(Award.objects.filter(organisation__public_id=organisation, year=year).order_by("granted_at", "pk"))


def verdict(application: Application, awards: Sequence[Award]) -> Verdict:
    """What may be granted beside earlier awards: the engine's amount within the catalogue's limits."""
    amount = computed(application)
    if amount.fen <= 0:
        return Verdict(0, "facts_missing" if amount.fen == UNKNOWN else "not_eligible", amount.missing)
    granted = [Granted(one.item_code, SIDES[one.province], one.topic, one.amount_fen) for one in awards]
    catalogue = offers_of(application.item.catalogue).catalogue
    return grantable(catalogue, application.item.code, amount.fen, granted, investment_of(values(application.facts)))


def application_list() -> QuerySet[Application]:
    """Applications the viewer may see, newest first."""
    return Application.objects.select_related("item", "organisation").order_by("-submitted_at", "-pk")


def application_detail() -> QuerySet[Application]:
    """Applications with all that their page tells."""
    return Application.objects.select_related(
        "item__catalogue", "organisation", "offer", "payment", "appeal", "decided_organisation"
    )


def steps_of(application: Application) -> QuerySet[Step]:
    """The way of an application, oldest first."""
    return application.steps.select_related("organisation").order_by("at", "pk")


def queue() -> QuerySet[Application]:
    """What waits for an office, nearest deadline first."""
    return application_list().filter(state__in=WAITING).order_by(F("due_on").asc(nulls_last=True), "pk")


def appeals_waiting() -> QuerySet[Appeal]:
    """Appeals that wait for a decision, nearest deadline first."""
    found = Appeal.objects.filter(state=AppealState.FILED).select_related(
        "application__item", "application__organisation"
    )
    return found.order_by("due_on", "pk")


class Load(NamedTuple):
    """How much waits and how much of it is late."""

    waiting: int
    overdue: int
    appeals: int


def load(today: date) -> Load:
    """The numbers above a queue, in two queries."""
    rows = queue().values_list("due_on", flat=True)
    days = list(rows)
    return Load(len(days), sum(day is not None and day < today for day in days), appeals_waiting().count())


def open_topics(organisations: Sequence[UUID], year: int) -> set[str]:
    """Item codes for which these enterprises have an application under way or granted."""
    live = Q(state__in=[*OPEN, ApplicationState.APPROVED, ApplicationState.PAID])
    found = Application.objects.filter(live, organisation__public_id__in=organisations, year=year)
    return set(found.values_list("item__code", flat=True))
