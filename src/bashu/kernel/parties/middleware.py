"""Who looks: sets `request.actor`, and lets row-level security see him while a page is read."""

from collections.abc import Callable, Iterator
from typing import cast

from django.db import transaction
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from bashu.kernel.commands.actor import ANONYMOUS, Actor
from bashu.kernel.database.snapshot import snapshot
from bashu.kernel.parties.selectors import actor_of_person, actor_of_token, set_scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TAKE_TOKENS = ("/api/", "/metrics")
UNSEEN = "/health/"  # must answer while the database is away
BEARER = "bearer "


class Viewer:
    """Sets `request.actor` from the session, or on the API from a bearer token.

    A safe request is answered inside one transaction whose scope is the actor's, so that every read of the page sees only
    what the actor may see. Statements added: one when nobody is signed in (the scope), three for a session (own scope,
    grants, scope), two for a token. Other requests get no transaction: commands open their own, and reads before them go
    through `selectors.seen_by`.

    A streamed answer is made after this middleware has returned; it gets a snapshot and scope of its own, which last
    until the last byte or until the reader goes away. So a streaming view reads inside its generator, not before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request with the actor's eyes."""
        if request.method not in SAFE:
            request.actor = SimpleLazyObject(lambda: actor_of_request(request))  # type: ignore[attr-defined]
            return self.get_response(request)
        if request.path.startswith(UNSEEN):
            request.actor = ANONYMOUS  # type: ignore[attr-defined]
            return self.get_response(request)
        with transaction.atomic():
            actor = request.actor = actor_of_request(request)  # type: ignore[attr-defined]
            set_scope(actor)
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = seen_to_the_end(actor, cast(Iterator[bytes], response.streaming_content))
        return response


def actor_of_request(request: HttpRequest) -> Actor:
    """The actor behind a request. A bearer token on the API counts alone, whatever session comes along; a dead one is
    marked on the request, for `api_auth.caller` to refuse."""
    if bearer := bearer_of(request):
        actor = actor_of_token(bearer)
        request.bearer_refused = actor is None  # type: ignore[attr-defined]
        return actor or ANONYMOUS
    user = request.user
    return actor_of_person(user) if user.is_authenticated else ANONYMOUS


def bearer_of(request: HttpRequest) -> str | None:
    """The bearer token of a program's request (RFC 6750 §2.1), or None; pages take no tokens."""
    header = request.headers.get("Authorization", "")
    if request.path.startswith(TAKE_TOKENS) and header[: len(BEARER)].lower() == BEARER:
        return header[len(BEARER) :].strip()
    return None


def seen_to_the_end(actor: Actor, content: Iterator[bytes]) -> Iterator[bytes]:
    """Stream content of one moment of the database, with the actor's scope."""
    with snapshot():
        set_scope(actor)
        yield from content
