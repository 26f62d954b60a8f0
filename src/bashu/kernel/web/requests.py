"""What a request says about its sender and its intent, read the same way for pages and for the API."""

import re
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from uuid_utils.compat import uuid7

from bashu.kernel.commands.actor import ANONYMOUS, Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Malformed, NotFound
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock

M = TypeVar("M", bound=Model)
KEY = re.compile(r"[\x21-\x7e]{1,200}")
VERSION = re.compile(r'(?:W/)?"?(\d{1,9})"?')
KEY_FIELD, VERSION_FIELD = "_key", "_version"  # hidden fields of page forms
API_PREFIX, API_DOCS = "/api/", "/api/v1/docs"


def actor_of(request: HttpRequest) -> Actor:
    """Who asks: as the sign-in or the token says, else nobody."""
    return getattr(request, "actor", None) or ANONYMOUS


def request_id_of(request: HttpRequest) -> UUID:
    """The id this request goes by; see `middleware.RequestContext`."""
    found: UUID | None = getattr(request, "request_id", None)
    return found or uuid7()


def is_api(request: HttpRequest) -> bool:
    """Whether the sender is a program that expects problem+json."""
    return request.path.startswith(API_PREFIX) and request.path != API_DOCS


def command_of(request: HttpRequest) -> Command:
    """The command a request asks for: its actor, clock, idempotency key and the row version it saw.

    The API sends `Idempotency-Key` and `If-Match`; page forms send the hidden fields `_key` and `_version`.
    Refuses (Malformed, 422) a key that is not 1 to 200 visible ASCII characters and a version that is not a number.
    """
    key = request.headers.get("Idempotency-Key") or request.POST.get(KEY_FIELD) or str(uuid7())
    if not KEY.fullmatch(key):
        raise Malformed(place="Idempotency-Key", problem="1-200 visible ASCII characters")
    return Command(
        actor=actor_of(request),
        now=clock.now(),
        key=key,
        request_id=request_id_of(request),
        expects=expected_version(request),
    )


def expected_version(request: HttpRequest) -> int | None:
    """The row version the sender saw, from `If-Match` (RFC 9110 §13.1.1) or the form; None when it names none or any (`*`)."""
    given = request.headers.get("If-Match") or request.POST.get(VERSION_FIELD) or "*"
    if given == "*":
        return None
    match = VERSION.fullmatch(given.strip())
    if match is None:
        raise Malformed(place="If-Match", problem='a version such as "3"')
    return int(match[1])


def seen(request: HttpRequest, rows: type[M] | QuerySet[M], **lookup: Any) -> M:
    """One record as the sender may see it; NotFound (404) when there is none or it is none of his business."""
    query = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    with seen_by(actor_of(request)):
        found = query.filter(**lookup).first()
    if found is None:
        raise NotFound
    return found
