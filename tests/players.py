"""People of every role as real rows, in the template of the tests' databases and on nodes that tests start.

`python players.py` writes them into the database of the environment and prints each one's API token as JSON.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

PASSWORD = "ten times ten is a hundred"


@dataclass(frozen=True)
class Player:
    """A person with one role for one organisation, and the secret of an API token of his with every scope.

    Everybody's password is PASSWORD.
    """

    organisation: Any
    person: Any
    membership: Any
    token: str

    @cached_property
    def actor(self) -> Any:
        """The person as commands take him, with the roles he had when first asked for."""
        from bashu.kernel.parties.selectors import actor_of_person

        return actor_of_person(self.person)


# name: (organisation, its kind, its jurisdiction, role). "colleague" is the second person of an authority.
CAST = {
    "coordinator": ("川渝联合办公室", "joint_office", "joint", "coordinator"),
    "authority.CQ": ("重庆市主管部门", "authority", "CQ", "authority"),
    "colleague.CQ": ("重庆市主管部门", "authority", "CQ", "authority"),
    "authority.SC": ("四川省主管部门", "authority", "SC", "authority"),
    "operator.CQ": ("重庆服务运营方", "operator", "CQ", "operator"),
    "enterprise.CQ": ("重庆企业", "enterprise", "CQ", "enterprise"),
    "enterprise.SC": ("四川企业", "enterprise", "SC", "enterprise"),
    "verifier.CQ": ("重庆核查机构", "verifier", "CQ", "verifier"),
    "resident.SC": ("四川居民社区", "community", "SC", "resident"),
}


@cache
def hashed() -> str:
    """PASSWORD as the database keeps it, computed once: the hash is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def players_make() -> dict[str, Player]:
    """Write the rows of CAST past the services, which tests of their own prove, and give them."""
    from django.db import transaction
    from django.urls import get_resolver
    from django.utils import timezone
    from uuid_utils.compat import uuid7

    from bashu.kernel.commands.command import DECLARED
    from bashu.kernel.parties import models, selectors, services

    assert get_resolver().url_patterns, "loading the addresses declares every command"
    now = timezone.now()
    scopes = sorted({name.split(".")[0] + "." for name in DECLARED})
    with transaction.atomic():
        selectors.set_scope(services.node_actor())
        bodies = {
            row[0]: models.Organisation(
                name_zh=row[0], kind=row[1], jurisdiction=row[2], state="active", applied_by=uuid7(), applied_at=now
            )
            for row in CAST.values()
        }
        models.Organisation.objects.bulk_create(bodies.values())
        people = [
            models.Person(email=f"{name.lower()}@example.com", display_name=name, password=hashed()) for name in CAST
        ]
        models.Person.objects.bulk_create(people)
        members = [
            models.Membership(person=person, organisation=bodies[row[0]], role=row[3], state="active", since=now)
            for person, row in zip(people, CAST.values(), strict=True)
        ]
        models.Membership.objects.bulk_create(members)
        models.ApiToken.objects.bulk_create(
            models.ApiToken(
                membership=member, name="test", prefix=secret[-8:], digest=selectors.digest_of(secret), scopes=scopes,
                made_at=now, expires_at=now + timedelta(days=365),
            )
            for member in members
            for secret in [secret_of(member)]
        )  # fmt: skip
    return players_found()


def secret_of(membership: Any) -> str:
    """The secret of a membership's API token."""
    from bashu.kernel.parties.selectors import TOKEN_START

    return f"{TOKEN_START}{membership.public_id.hex}"


def players_found() -> dict[str, Player]:
    """The players of this database by the names of CAST."""
    from bashu.kernel.parties.models import Membership
    from bashu.kernel.parties.selectors import seen_by
    from bashu.kernel.parties.services import node_actor

    with seen_by(node_actor()):
        members = list(
            Membership.objects.select_related("person", "organisation").filter(person__display_name__in=CAST)
        )
    found = {member.person.display_name: member for member in members}
    return {
        name: Player(member.organisation, member.person, member, secret_of(member))
        for name in CAST
        for member in [found[name]]
    }


def main() -> None:
    """Make the players of a node that stands elsewhere."""
    import django

    django.setup()
    print(json.dumps({name: player.token for name, player in players_make().items()}))


if __name__ == "__main__":
    main()
