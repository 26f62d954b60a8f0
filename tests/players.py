"""People of every role as real rows, for tests in this process and for nodes that tests start.

`python players.py` writes them into the database of the environment and prints each one's API token as JSON.
"""

import json
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

PASSWORD = "ten times ten is a hundred"


class Player(NamedTuple):
    """A person with one role for one organisation, and the secret of an API token of his with every scope.

    Everybody's password is PASSWORD.
    """

    organisation: Any
    person: Any
    membership: Any
    token: str

    @property
    def actor(self) -> Any:
        """The person as commands take him."""
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
    """Write the rows of CAST past the services, which tests of their own prove: four statements instead of hundreds."""
    from django.db import connection, transaction
    from django.urls import get_resolver
    from django.utils import timezone
    from uuid_utils.compat import uuid7

    from bashu.kernel.commands.actor import ANONYMOUS
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
        secrets = [f"{selectors.TOKEN_START}{member.public_id.hex}" for member in members]
        models.ApiToken.objects.bulk_create(
            models.ApiToken(
                membership=member, name="test", prefix=secret[-8:], digest=selectors.digest_of(secret), scopes=scopes,
                made_at=now, expires_at=now + timedelta(days=1),
            )
            for member, secret in zip(members, secrets, strict=True)
        )  # fmt: skip
        if connection.in_atomic_block:
            selectors.set_scope(ANONYMOUS)  # under `db` the transaction goes on
    return {
        name: Player(bodies[row[0]], person, member, secret)
        for (name, row), person, member, secret in zip(CAST.items(), people, members, secrets, strict=True)
    }


def main() -> None:
    """Make the players of a node that stands elsewhere."""
    import django

    django.setup()
    print(json.dumps({name: player.token for name, player in players_make().items()}))


if __name__ == "__main__":
    main()
