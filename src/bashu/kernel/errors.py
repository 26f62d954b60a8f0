"""The one kind of refusal: said once where it is raised, understood by page, API and command line."""

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class BashuError(Exception):
    """A refusal with a stable code, an HTTP status and a sentence in both languages.

    A subclass sets `code`, `status` and `message`; `message` may name keys of the context in braces.
    `constraint` names the database constraint whose violation means this refusal.

    >>> class QuayTaken(BashuError):
    ...     code, status, message = "berths.taken", 409, "{place} is taken. Ask for a later time."
    >>> str(QuayTaken(place="Guoyuan"))
    'Guoyuan is taken. Ask for a later time.'
    """

    code = "bashu.error"
    status = 400
    message: str | Promise = _("The request was refused.")
    constraint: str | None = None

    def __init__(self, **context: Any) -> None:
        super().__init__(context)
        self.context = context

    def __str__(self) -> str:
        return str(self.message).format(**self.context)


class Malformed(BashuError):
    """Input that cannot be read at all: wrong type, wrong shape, too large."""

    code, status, message = "bashu.malformed", 422, _("{place}: {problem}")


class NotFound(BashuError):
    """What does not exist, or what the viewer may not know to exist."""

    code, status, message = "bashu.not_found", 404, _("There is no such record, or you may not see it.")


class Forbidden(BashuError):
    """The actor can see the record but may not do this to it."""

    code, status, message = "bashu.forbidden", 403, _("You may not do this: it needs {needed}.")


class SignInNeeded(BashuError):
    """Nobody is signed in and the act needs somebody."""

    code, status, message = "bashu.sign_in", 401, _("Sign in first.")


class StaleVersion(BashuError):
    """Somebody else changed the record since the caller read it."""

    code, status = "bashu.stale", 409
    message = _(
        "The record was changed by somebody else (version {current}, you saw {seen}). Read it again, then repeat."
    )


class KeyReused(BashuError):
    """One idempotency key stands for one request."""

    code, status = "bashu.key_reused", 409
    message = _("This idempotency key was used for another request. Take a new key.")


class Conflict(BashuError):
    """A rule of the database refused the change and no error of a system names it."""

    code, status, message = "bashu.conflict", 409, _("The change contradicts an existing record ({constraint}).")


class Unavailable(BashuError):
    """The database is away, full, or too busy: nothing was written."""

    code, status = "bashu.unavailable", 503
    message = _("The database cannot take the change now ({reason}). Nothing was written; repeat with the same key.")


class TooLarge(BashuError):
    """A request larger than the node reads."""

    code, status, message = "bashu.too_large", 413, _("The request is too large.")


class MethodNotOffered(BashuError):
    """An address of the API that does not take this method; the answer's `Allow` says which it takes."""

    code, status, message = "bashu.method", 405, _("This address takes {allowed} only.")


class TooMany(BashuError):
    """The caller asked too often."""

    code, status, message = "bashu.too_many", 429, _("Too many requests. Wait {seconds} seconds.")


def every_error(kind: type[BashuError] = BashuError) -> Iterator[type[BashuError]]:
    """Every refusal that loaded code can raise, each class once."""
    yield kind
    for child in kind.__subclasses__():
        yield from every_error(child)
