"""Django's handlers for what no view answered: 400, 403, 404, 500, and a missing anti-forgery token."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from bashu.kernel.errors import Forbidden, NotFound, Unavailable
from bashu.kernel.web import logs, problems
from bashu.kernel.web.requests import is_api


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """400: the request itself is broken."""
    if is_api(request):
        return problems.problem("bashu.bad_request", 400, _("The request cannot be read."))
    return problems.page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """403 from Django itself."""
    if is_api(request):
        return problems.problem(Forbidden.code, 403, _("You may not do this."))
    return problems.page(request, 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """403 because the form's anti-forgery token is missing or old."""
    detail = _("The form had expired. Go back, reload the page, and send it again.")
    if is_api(request):
        return problems.problem(Forbidden.code, 403, detail)
    return problems.page(request, 403, detail)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """404: no such address."""
    return problems.problem_of(NotFound()) if is_api(request) else problems.page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database is away: written without database or session, for either may be what failed."""
    error = sys.exc_info()[1] or RuntimeError("unknown")
    away = isinstance(error, OperationalError | InterfaceError)
    if is_api(request):
        return problems.problem_of(Unavailable(reason="database")) if away else problems.fault(error)
    status = 503 if away else 500
    context = {"status": status, "title": problems.TITLES[status], "kind": status, "request_id": logs.request_id.get()}
    return HttpResponse(render_to_string("web/fault.html", context), status=status)
