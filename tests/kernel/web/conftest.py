"""A small site that refuses, fails and answers in every way the shell must cope with."""

from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from ninja import Schema
from ninja.pagination import paginate

from bashu.kernel.errors import BashuError, Conflict, Forbidden, NotFound, SignInNeeded, StaleVersion, TooMany


class Secretive(BashuError):
    """A refusal whose context holds more than JSON can."""

    code, status, message = "sample.secretive", 409, "{place} is taken."


REFUSALS = {
    "forbidden": Forbidden(needed="authority"),
    "missing": NotFound(),
    "stale": StaleVersion(current=3, seen=2),
    "many": TooMany(seconds=7),
    "who": SignInNeeded(),
    "clash": Conflict(constraint="x"),
    "odd": Secretive(place="<b>Guoyuan</b>", record=object(), at=[1, {"a": None}]),
    "gone": Http404("internal words"),
    "denied": PermissionDenied("internal words"),
    "away": OperationalError("connection to server at 10.0.0.1 refused"),
    "fault": RuntimeError("internal words"),
}


def refuse(_request: HttpRequest, how: str) -> HttpResponse:
    """Raise what the address names."""
    raise REFUSALS[how]


class Thing(Schema):
    """A body with two fields."""

    name: str
    weight: int


def sample_site() -> ModuleType:
    """The site's addresses: its own pages and API beside the shell's."""
    from bashu.kernel.web.api import Paged, RateLimit, make_api

    api = make_api(urls_namespace="sample", throttle=[RateLimit(1000)])

    @api.get("/refuse/{how}")
    def refuse_api(request: HttpRequest, how: str) -> Any:
        raise REFUSALS[how]

    @api.post("/things")
    def thing_make(request: HttpRequest, body: Thing) -> Any:
        return body.dict()

    @api.get("/numbers", response=list[int])
    @paginate(Paged)
    def numbers(request: HttpRequest) -> Any:
        return list(range(120))

    @api.get("/rationed", throttle=[RateLimit(2)])
    def rationed(request: HttpRequest) -> Any:
        return {}

    site = ModuleType("sample_site")
    site.api = api
    site.urlpatterns = [
        path("api/v1/", api.urls),
        path("refuse/<how>", refuse),
        path("", include("bashu.kernel.web.urls")),
        path("", include("bashu.kernel.parties.urls")),
    ]
    site.handler400 = "bashu.kernel.web.refusals.bad_request"
    site.handler403 = "bashu.kernel.web.refusals.forbidden"
    site.handler404 = "bashu.kernel.web.refusals.not_found"
    site.handler500 = "bashu.kernel.web.refusals.server_error"
    return site


@pytest.fixture
def site(settings: Any, db: None) -> Client:
    """A visitor of the sample site, in English."""
    settings.ROOT_URLCONF = sample_site()
    visitor = Client(raise_request_exception=False, headers={"accept-language": "en"})
    visitor.cookies["bashu_language"] = "en"
    return visitor
