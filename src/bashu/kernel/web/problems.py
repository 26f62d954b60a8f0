"""Refusals as answers: RFC 9457 problem+json for programs, a plain page for people."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from bashu.kernel.errors import BashuError, SignInNeeded, TooMany
from bashu.kernel.web import logs
from bashu.kernel.web.requests import is_api

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: _("The request cannot be understood"),
    401: _("Sign in first"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("That cannot be done here"),
    409: _("The change does not fit"),
    413: _("Too large"),
    422: _("Some of the input cannot be read"),
    429: _("Too many requests"),
    500: _("A fault on our side"),
    503: _("Not available at the moment"),
}
UNAVAILABLE = 503
logger = logging.getLogger("bashu.web")


def problem(code: str, status: int, detail: str, **extra: Any) -> HttpResponse:
    """One problem detail (RFC 9457 §3.1): type, title, status, detail, and the request's id as the instance."""
    instance = logs.request_id.get() or uuid7()
    body = {
        **{key: plain(value) for key, value in extra.items()},
        "type": f"urn:bashu:error:{code}",
        "title": str(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{instance}",
    }
    return HttpResponse(orjson.dumps(body), status=status, content_type=CONTENT_TYPE)


def problem_of(error: BashuError) -> HttpResponse:
    """A refusal as problem+json: its code, its sentence, and the plain values of its context."""
    extra = {"context": error.context} if error.context else {}
    return with_headers(problem(error.code, error.status, str(error), **extra), error)


def malformed(errors: Sequence[Mapping[str, Any]]) -> HttpResponse:
    """Input that fails the schema, 422, each fault with its place; what was sent is not repeated."""
    places = [
        {"place": ".".join(str(part) for part in error.get("loc", ())), "problem": str(error.get("msg", ""))}
        for error in errors
    ]
    detail = "; ".join(f"{fault['place']}: {fault['problem']}" for fault in places)
    return problem("bashu.malformed", 422, detail, errors=places)


def fault(error: BaseException) -> HttpResponse:
    """An unexpected error: logged whole, answered without a word about our insides."""
    logger.error("unexpected error", exc_info=error)
    return problem(
        "bashu.fault",
        500,
        str(_("Something failed here. Nothing was half-written; quote the instance when you report it.")),
    )


def refusal_page(request: HttpRequest, error: BashuError) -> HttpResponse:
    """A refusal as a page that says what happened and what to do next."""
    return with_headers(page(request, error.status, str(error)), error)


def page(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """The error page of a status."""
    shown = status if status in TITLES else 400
    context = {
        "status": status,
        "title": TITLES[shown],
        "detail": detail,
        "request_id": logs.request_id.get(),
        "kind": shown,
    }
    return render(request, "web/error.html", context, status=status)


def answer(request: HttpRequest, error: BashuError) -> HttpResponse:
    """A refusal in the form its reader understands."""
    return problem_of(error) if is_api(request) else refusal_page(request, error)


def with_headers(response: HttpResponse, error: BashuError) -> HttpResponse:
    """Add the header that HTTP asks for with some statuses."""
    if isinstance(error, TooMany) or (error.status == UNAVAILABLE and "seconds" in error.context):
        response["Retry-After"] = str(error.context.get("seconds", 60))
    if isinstance(error, SignInNeeded) and response.get("Content-Type") == CONTENT_TYPE:
        response["WWW-Authenticate"] = "Bearer"
    return response


def plain(value: Any) -> Any:
    """A value of an error's context as JSON can say it; records and other objects only by their words."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
    return str(value)
