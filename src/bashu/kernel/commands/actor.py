"""Who acts, as a plain value: commands and the journal take it as it is and know nobody."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

JOINT = "joint"  # the jurisdiction of offices that both governments run together


class Role(StrEnum):
    """What a person or token may be for an organisation."""

    COORDINATOR = "coordinator"
    AUTHORITY = "authority"
    OPERATOR = "operator"
    ENTERPRISE = "enterprise"
    VERIFIER = "verifier"
    RESIDENT = "resident"


OFFICES = frozenset({Role.COORDINATOR, Role.AUTHORITY})  # who acts for government


ROLE_NAMES: dict[Role, Promise] = {
    Role.COORDINATOR: _("Coordinator"),
    Role.AUTHORITY: _("Authority"),
    Role.OPERATOR: _("Operator"),
    Role.ENTERPRISE: _("Enterprise"),
    Role.VERIFIER: _("Verifier"),
    Role.RESIDENT: _("Resident"),
}


class ActorKind(StrEnum):
    """How the actor came to us."""

    ANONYMOUS = "anonymous"
    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - the word, not a secret
    NODE = "node"
    JOB = "job"


class Where(NamedTuple):
    """The place in the order of powers at which a permission is asked: an organisation, a jurisdiction, or both."""

    organisation: UUID | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One role held for one organisation within one jurisdiction."""

    role: Role
    organisation: UUID
    organisation_name: str
    jurisdiction: str

    def reaches(self, where: Where) -> bool:
        """Whether the grant holds at a place: in its own or (joint offices) any jurisdiction, and for its own organisation.

        An office asked about an organisation of a named jurisdiction holds for it too: it oversees what lies there.
        """
        same_jurisdiction = where.jurisdiction in (None, self.jurisdiction) or self.jurisdiction == JOINT
        same_organisation = where.organisation in (None, self.organisation)
        oversees = self.role in OFFICES and where.jurisdiction is not None
        return same_jurisdiction and (same_organisation or oversees)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (under a pseudonym), an API token, the node's operator or a job.

    `scopes`: the command names a token is limited to, None when it has no limit; a scope ending in "." covers a room.
    """

    kind: ActorKind
    id: UUID | None
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None

    @property
    def label(self) -> str:
        """The pseudonym that the journal keeps: `person:<uuid>`."""
        return f"{self.kind}:{self.id}"

    def grant_for(self, roles: Iterable[Role], where: Where) -> Grant | None:
        """The first grant by which the actor holds one of `roles` at `where`, or None."""
        wanted = frozenset(roles)
        return next((g for g in self.grants if g.role in wanted and g.reaches(where)), None)

    def may_call(self, command: str) -> bool:
        """Whether the actor's scopes admit a command."""
        return self.scopes is None or any(
            command == scope or (scope.endswith(".") and command.startswith(scope)) for scope in self.scopes
        )

    def organisations(self) -> list[UUID]:
        """The organisations the actor acts for, each once."""
        return list(dict.fromkeys(grant.organisation for grant in self.grants))

    def jurisdictions(self) -> list[str]:
        """The jurisdictions in which the actor is an authority or the joint office; JOINT stands for all."""
        return list(dict.fromkeys(self._offices()))

    def _offices(self) -> Iterator[str]:
        for grant in self.grants:
            if grant.role in OFFICES:
                yield grant.jurisdiction


ANONYMOUS = Actor(ActorKind.ANONYMOUS, None)
