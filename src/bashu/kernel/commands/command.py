"""The one way to write.

    @command("berths.call.grant", roles={Role.AUTHORITY}, at="call.quay")
    def call_grant(*, ctx: Command, call: Call) -> Call: ...

Called with a fresh `Command`, the service runs in its own transaction: permission asked, idempotency key looked up, rows
written, journal appended, receipt kept. Called by another service with that service's `ctx`, it joins its transaction and key.
"""

import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast
from uuid import UUID

import orjson
from django.apps import apps
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from uuid_utils.compat import uuid7

from bashu.kernel.commands.actor import ROLE_NAMES, Actor, Grant, Role, Where
from bashu.kernel.commands.models import Record
from bashu.kernel.database.prepared import prepared
from bashu.kernel.database.scope import SET_SCOPE, scope_values
from bashu.kernel.errors import (
    BashuError,
    Conflict,
    Forbidden,
    KeyReused,
    Malformed,
    NotFound,
    SignInNeeded,
    StaleVersion,
    Unavailable,
    every_error,
)
from bashu.kernel.journal.engine.canonical import canonical
from bashu.kernel.journal.services import APPEND, Draft, append_values

P = ParamSpec("P")
R = TypeVar("R")
Rec = TypeVar("Rec", bound=Record)

TRIES = 3  # a deadlock undoes the whole transaction, so the command may simply run again
DEADLOCK, SERIALIZATION, DISK_FULL = "40P01", "40001", "53100"


class Declared(NamedTuple):
    """What a command declared of itself: read by the permission check, the documentation and the API's scopes."""

    name: str
    roles: frozenset[Role]
    at: str | None
    purpose: str
    elsewhere: type[Forbidden] = Forbidden


DECLARED: dict[str, Declared] = {}

# A command's first and last statement.
BEGIN = f"""
    SELECT {SET_SCOPE}, request, answer FROM (SELECT) AS one LEFT JOIN commands_receipt ON actor = %s AND key = %s
"""  # noqa: S608 - constants
FINISH = f"""
    {APPEND}
    INSERT INTO commands_receipt (actor, key, command, request, answer, made_at)
    VALUES (%s, %s, %s, %s, %s::jsonb, clock_timestamp())
"""  # noqa: S608 - constants
PLAIN = frozenset({str, int, bool, type(None)})


@dataclass
class Command:
    """One request to write: who, when, under which idempotency key, having seen which row version.

    `now` is the command's clock, UTC. `expects` is the version of the record the caller saw, None when it saw none.
    """

    actor: Actor
    now: datetime
    key: str = field(default_factory=lambda: str(uuid7()))
    request_id: UUID = field(default_factory=uuid7)
    expects: int | None = None

    _running: list[tuple[Declared, Grant]] = field(default_factory=list, init=False)
    _drafts: list[Draft] = field(default_factory=list, init=False)
    _version_checked: bool = field(default=False, init=False)

    @property
    def grant(self) -> Grant:
        """The grant under which the running command was permitted."""
        return self._running[-1][1]

    def lock(self, record: Rec) -> Rec:
        """Read a record again under a row lock; refuse (StaleVersion, 409) when it is not the version the caller saw.

        The first record locked is the one `expects` speaks of. What row-level security hides is refused as NotFound (404).
        """
        fresh = type(record)._default_manager.select_for_update(no_key=True, of=("self",)).filter(pk=record.pk).first()
        if fresh is None:
            raise NotFound
        if self.expects is not None and not self._version_checked:
            self._version_checked = True
            if fresh.version != self.expects:
                raise StaleVersion(current=fresh.version, seen=self.expects)
        return fresh

    def append(
        self,
        *,
        subject: Record,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        public: bool = False,
    ) -> None:
        """Put one entry into the journal with the rows this command writes.

        `public` lets everybody read the body; otherwise the acting organisation and the offices of its jurisdiction.
        """
        declared, grant = self._running[-1]
        self._drafts.append(
            Draft(
                kind=declared.name,
                subject=label_of(subject),
                actor=self.actor.label,
                organisation=str(grant.organisation),
                organisation_name=grant.organisation_name,
                jurisdiction=grant.jurisdiction,
                request=str(self.request_id),
                time=self.now,
                public=public,
                body={"before": plain(before), "after": plain(after)},
            )
        )


def command(
    name: str, *, roles: Collection[Role], at: str | None = None, elsewhere: type[Forbidden] = Forbidden
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a service as a command.

    roles: who may call it. at: a path through the arguments ("call.quay") to where the permission is asked: a value with
    a `where`, a jurisdiction's code, or an organisation's id; None asks only for the role. elsewhere: what tells those who hold such a
    role, but not there, whose matter it is.
    """

    def declare(service: Callable[P, R]) -> Callable[P, R]:
        purpose = (service.__doc__ or "").strip().split("\n", 1)[0]
        declared = DECLARED[name] = Declared(name, frozenset(roles), at, purpose, elsewhere)

        @functools.wraps(service)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            ctx = cast(Command, kwargs["ctx"])
            arguments = {key: value for key, value in kwargs.items() if key != "ctx"}
            grant = permit(ctx.actor, declared, arguments)
            work = functools.partial(service, *args, **kwargs)
            if ctx._running:
                with running(ctx, declared, grant):
                    return work()
            return cast(R, carry_out(ctx, declared, grant, arguments, work))

        return run

    return declare


def permit(actor: Actor, declared: Declared, arguments: Mapping[str, Any]) -> Grant:
    """The grant by which the actor may call the command, or a refusal: SignInNeeded (401), Forbidden or the command's own (403)."""
    if actor.id is None:
        raise SignInNeeded
    if not actor.may_call(declared.name):
        raise Forbidden(needed=f"scope {declared.name}")
    grant = actor.grant_for(declared.roles, place_of(declared.at, arguments))
    if grant is None:
        if declared.elsewhere is not Forbidden and actor.grant_for(declared.roles, Where()):
            raise declared.elsewhere
        raise Forbidden(needed=" / ".join(str(ROLE_NAMES[role]) for role in sorted(declared.roles)))
    return grant


def place_of(path: str | None, arguments: Mapping[str, Any]) -> Where:
    """Follow a path through the arguments to the place at which the permission is asked."""
    if path is None:
        return Where()
    first, *rest = path.split(".")
    value = functools.reduce(getattr, rest, arguments[first])
    if isinstance(value, str):
        return Where(jurisdiction=value)
    if isinstance(value, UUID):
        return Where(organisation=value)
    return cast(Where, value.where)


def carry_out(
    ctx: Command, declared: Declared, grant: Grant, arguments: Mapping[str, Any], work: Callable[[], object]
) -> object:
    """Run the outermost service in its own transaction, again after a deadlock; map the database's refusals to errors."""
    try:
        request = sha256(canonical([declared.name, plain(arguments), ctx.expects])).digest()
    except ValueError as error:  # an integer beyond 2^53, half a character: no journal could hold it
        raise Malformed(place=declared.name, problem=str(error)) from None
    for last in range(TRIES - 1, -1, -1):
        try:
            return once(ctx, declared, grant, request, work)
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            inside_another = connection.in_atomic_block
            if state in (DEADLOCK, SERIALIZATION) and last and not inside_another:
                continue
            raise Unavailable(reason="disk full" if state == DISK_FULL else state or "connection lost") from error
        except InterfaceError as error:
            raise Unavailable(reason="connection lost") from error
        except DataError as error:  # a zero byte in a text, a number beyond its column
            raise Malformed(place=declared.name, problem=str(error).split("\n", 1)[0]) from error
        except IntegrityError as error:
            if is_receipt(error):  # another process finished the same request in this moment: answer as it did
                continue
            raise refusal_of(error) from error
    raise Unavailable(reason=DEADLOCK)


def once(ctx: Command, declared: Declared, grant: Grant, request: bytes, work: Callable[[], object]) -> object:
    """One try: begin, look the key up, work, append, keep the receipt, commit."""
    assert ctx.actor.id is not None, "permit() refuses nobody"
    ctx._drafts.clear()
    ctx._version_checked = False
    with transaction.atomic():
        kept = begin(ctx)
        if kept is not None:
            return answered(*kept, request)
        with running(ctx, declared, grant):
            result = work()
        if not ctx._drafts:
            raise AssertionError(f"{declared.name} wrote without appending to the journal")
        if ctx.expects is not None and not ctx._version_checked:
            raise Malformed(place="If-Match", problem=f"{declared.name} changes no record that has a version")
        finish(ctx, declared, request, result)
    return result


def begin(ctx: Command) -> tuple[bytes, dict[str, Any]] | None:
    """Set whose eyes the transaction sees with, and look the key up: request and answer of a receipt, None for a new key."""
    actor = ctx.actor
    scope = scope_values(actor.id, actor.organisations(), actor.jurisdictions())
    row = prepared(BEGIN, [*scope, actor.id, ctx.key])[0]
    return None if row[3] is None else (row[3], orjson.loads(row[4]))


def finish(ctx: Command, declared: Declared, request: bytes, result: object) -> None:
    """Write the journal's rows and the receipt, in one statement."""
    receipt = [ctx.actor.id, ctx.key, declared.name, request, orjson.dumps(answer_of(result)).decode()]
    prepared(FINISH, [*append_values(ctx._drafts), *receipt])


@contextmanager
def running(ctx: Command, declared: Declared, grant: Grant) -> Iterator[None]:
    """Mark which command the context is running, so that entries bear its name and its grant."""
    ctx._running.append((declared, grant))
    try:
        yield
    finally:
        ctx._running.pop()


def answered(kept: bytes, answer: dict[str, Any], request: bytes) -> object:
    """The first answer given under a key; KeyReused when the request was another."""
    if kept != request:
        raise KeyReused
    if "record" in answer:
        label, public_id = answer["record"].split(":")
        found = apps.get_model(label)._default_manager.filter(public_id=public_id).first()
        if found is None:  # gone since, or out of the actor's sight
            raise NotFound
        return found
    return answer["value"]


def answer_of(result: object) -> dict[str, object]:
    """What a receipt keeps of an answer: a record by its identifier, any other plain value as it is."""
    if isinstance(result, Record):
        return {"record": label_of(result)}
    return {"value": plain(result)}


def label_of(record: Record) -> str:
    """`programme.reading:<uuid>`: how the journal and receipts name a record."""
    return f"{record._meta.label_lower}:{record.public_id}"


def plain(value: Any) -> Any:  # noqa: PLR0911 - one return a type reads best
    """A value as canonical JSON can hold it: records by label, times and decimals as text, bytes by their digest."""
    if type(value) in PLAIN:  # most of them
        return value
    match value:
        case None | bool() | int():
            return value
        case Record():
            return label_of(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case str() | date() | Decimal() | UUID():
            return str(value)  # a member of an enumeration becomes its value
        case bytes():
            return f"sha256:{sha256(value).hexdigest()}"
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise TypeError(f"a command takes plain values and records, not {type(value).__name__}")


def is_receipt(error: IntegrityError) -> bool:
    """Whether two processes raced with one idempotency key."""
    return constraint_of(error) == "commands_receipt_pkey"


def constraint_of(error: DatabaseError) -> str | None:
    """The name of the constraint that the database says was violated."""
    diag = getattr(error.__cause__, "diag", None)
    return getattr(diag, "constraint_name", None)


def refusal_of(error: IntegrityError) -> BashuError:
    """The error that names a violated constraint, or Conflict with the constraint's name."""
    name = constraint_of(error)
    for kind in every_error():
        if name and kind.constraint == name:
            return kind()
    return Conflict(constraint=name or "unknown")
