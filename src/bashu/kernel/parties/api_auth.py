"""Who calls the API: a bearer token, a browser's session, or nobody."""

from typing import cast

from django.http import HttpRequest
from ninja.utils import check_csrf

from bashu.kernel.commands.actor import Actor, ActorKind
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.parties.middleware import SAFE


def caller(request: HttpRequest) -> Actor:
    """Let everybody in as who they are; services decide what each may do. The `Viewer` middleware has set `request.actor`.

    Refuses a bearer token that is unknown, expired or revoked (SignInNeeded, 401), rather than serve it as nobody, and a
    session's write without the anti-forgery token (Forbidden, 403); a bearer token needs none.
    """
    actor = cast(Actor, request.actor)  # type: ignore[attr-defined]
    if actor.kind is ActorKind.PERSON and request.method not in SAFE and check_csrf(request) is not None:
        raise Forbidden(needed="X-CSRFToken")
    if getattr(request, "bearer_refused", False):
        raise SignInNeeded
    return actor


def signed_in(request: HttpRequest) -> Actor:
    """As `caller`, for operations that make sense for somebody only: refuses nobody (SignInNeeded, 401)."""
    actor = caller(request)
    if actor.id is None:
        raise SignInNeeded
    return actor
