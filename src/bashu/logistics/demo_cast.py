"""Who plays in the demonstration year of logistics: operators, customs offices and shippers, all made up."""

import csv
import secrets
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from bashu.kernel.commands.actor import Actor, Role
from bashu.kernel.parties import demo as parties
from bashu.kernel.parties.models import Kind, Organisation, Person
from bashu.kernel.parties.selectors import actor_of_person, person_by_email, seen_by
from bashu.kernel.parties.services import node_actor
from bashu.logistics.selectors import SHIPPED

STORY = Path(__file__).parent / "facts" / "story"
BEGIN = datetime.fromisoformat("2025-01-01T18:00:00+08:00")
LISTED = {  # log-ins that the page of signing in shows, by credit code
    "91500112DEMQ00001A": "ports.cq",
    "91510113DEMQ000046": "rail.sc",
    "11500112DEMQ00009B": "customs.cq",
    "11510113DEMQ000103": "customs.sc",
}


class Cast(NamedTuple):
    """Actors and organisations by credit code; shippers in order; customs by side."""

    actors: dict[UUID, Actor]
    node: Actor
    joint: Actor
    shippers: list[UUID]
    customs: dict[str, UUID]


def bodies() -> list[parties.Wanted]:
    """The organisations of the story besides those every demonstration has."""
    found = []
    for file, kind in ((SHIPPED / "operators.csv", None), (STORY / "shippers.csv", Kind.ENTERPRISE)):
        for row in rows_of(file):
            what = Kind(row["kind"]) if kind is None else kind
            role = {Kind.OPERATOR: Role.OPERATOR, Kind.AUTHORITY: Role.AUTHORITY}.get(what, Role.ENTERPRISE)
            box = LISTED.get(row["credit_code"], row["credit_code"].lower())
            found.append(
                parties.Wanted(role, what, row["jurisdiction"], row["name_zh"], row["name_en"], row["credit_code"], box)
            )
    return found


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a shipped CSV file."""
    with file.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def cast_make() -> Cast:
    """The organisations and their people; whose log-in is not listed gets a password that nobody knows."""
    for body in bodies():
        if not Person.objects.filter(email=body.email).exists():
            parties.play(body, secrets.token_urlsafe(18), BEGIN)
    emails = [body.email for body in bodies()] + ["enterprise.sc@demo.example", "enterprise.cq@demo.example"]
    actors, shippers = {}, []
    for email in emails:
        actor = actor_of_person(person_by_email(email))
        (grant,) = actor.grants
        actors[grant.organisation] = actor
        if grant.role == Role.ENTERPRISE:
            shippers.append(grant.organisation)
    joint = actor_of_person(person_by_email("coordinator.joint@demo.example"))
    with seen_by(node_actor()):
        known = {one.credit_code: one.public_id for one in Organisation.objects.all()}
    customs = {"CQ": known["11500112DEMQ00009B"], "SC": known["11510113DEMQ000103"]}
    return Cast(actors, node_actor(), joint, shippers, customs)
