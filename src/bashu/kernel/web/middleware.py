"""Around every request: its id, its line in the log, its count, and the answer when something refuses or fails."""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from uuid_utils.compat import uuid7

from bashu.kernel.errors import BashuError, Malformed, MethodNotOffered, SignInNeeded, Unavailable
from bashu.kernel.parties.signin import address_of
from bashu.kernel.web import health, logs, metrics, problems
from bashu.kernel.web.requests import actor_of, is_api

HEADER = "X-Request-ID"
access = logging.getLogger("bashu.access")


class RequestContext:
    """Gives every request an id (a valid `X-Request-ID` is kept), one structured log line, and a count."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; the id is in the answer's header."""
        began = time.perf_counter()
        identity = incoming(request.headers.get(HEADER, "")) or uuid7()
        request.request_id = identity  # type: ignore[attr-defined]
        token = logs.request_id.set(identity)
        try:
            # Whether the process lives must not depend on what the middleware below asks of the database.
            alive = request.path == health.LIVE and request.method == "GET"
            response = health.live(request) if alive else self.get_response(request)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and is_api(request):
                response = not_offered(response)
            response[HEADER] = str(identity)
            self.note(request, response, time.perf_counter() - began)
            return response
        finally:
            logs.request_id.reset(token)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a refusal into its answer; None leaves what is unexpected to Django's handler for 500."""
        if isinstance(error, OperationalError | InterfaceError):
            logging.getLogger("bashu.web").error("database away", exc_info=error)
            error = Unavailable(reason="database")
        if isinstance(error, DataError | OverflowError):  # a zero byte in a text, a number beyond its column
            error = Malformed(place="request", problem=str(error).split("\n", 1)[0])
        if isinstance(error, SignInNeeded) and request.method == "GET" and not is_api(request):
            return redirect_to_login(request.get_full_path())
        if isinstance(error, BashuError):
            metrics.refusals_total.labels(error.code).inc()
            return problems.answer(request, error)
        return None

    def note(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        """Write the access line and count the request, under its route and not its address: addresses are endless."""
        match = request.resolver_match
        route = match.route if match else "(none)"
        metrics.requests_total.labels(request.method, route, response.status_code).inc()
        metrics.request_seconds.labels(route).observe(seconds)
        access.info(
            "request",
            extra={
                "method": request.method,
                "path": route if match and "key" in match.kwargs else request.path,  # a one-time key is a secret
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
                "actor": actor.label if (actor := actor_of(request)).id else str(actor.kind),
                "address": address_of(request),
            },
        )


class Language(LocaleMiddleware):
    """Pages speak Chinese until the visitor switches (a cookie); the API follows `Accept-Language`."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the request's language."""
        if is_api(request):
            super().process_request(request)
            return
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        translation.activate(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()


def not_offered(response: HttpResponse) -> HttpResponse:
    """Django's bare 405 as a problem that keeps its `Allow`."""
    allowed = response.headers.get("Allow", "")
    refusal = problems.problem_of(MethodNotOffered(allowed=allowed))
    refusal["Allow"] = allowed
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
        if name in response:
            refusal[name] = response[name]
    return refusal


def incoming(value: str) -> UUID | None:
    """The caller's own request id, when it is a UUID."""
    try:
        return UUID(value)
    except ValueError:
        return None
