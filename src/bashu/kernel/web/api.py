"""The API's frame: one instance under /api/v1, its paging, rate limit, refusals, and contract."""

import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Schema
from ninja.errors import HttpError, Throttled, ValidationError
from ninja.pagination import PaginationBase
from ninja.throttling import BaseThrottle

from bashu import __version__
from bashu.kernel.errors import BashuError, Malformed, NotFound, TooLarge, TooMany, Unavailable
from bashu.kernel.parties.api_auth import caller
from bashu.kernel.parties.signin import address_of
from bashu.kernel.web import metrics, problems
from bashu.kernel.web.requests import actor_of

PAGE_SIZE, PAGE_SIZE_MAX, PAGE_MAX = 50, 500, 100_000
WINDOW_SECONDS = 60


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(min_length=1, max_length=2000)


class Paged(PaginationBase):
    """`?page=2&size=50`: pages numbered from 1, answered with `count`, `next`, `previous` and `items`."""

    class Input(Schema):
        """What the caller asks for."""

        page: int = Field(1, ge=1, le=PAGE_MAX)
        size: int = Field(PAGE_SIZE, ge=1, le=PAGE_SIZE_MAX)

    class Output(Schema):
        """One page. `next` and `previous` are addresses, null at the ends."""

        count: int
        next: str | None
        previous: str | None
        items: list[Any]

    def paginate_queryset(self, queryset: Any, pagination: Any, request: HttpRequest, **_params: Any) -> dict[str, Any]:
        """Cut one page out of a query set or a list."""
        size, page = pagination.size, pagination.page
        start = (page - 1) * size
        count = queryset.count() if hasattr(queryset, "query") else len(queryset)
        last = max(1, -(-count // size))
        return {
            "count": count,
            "next": page_address(request, page + 1) if page < last else None,
            "previous": page_address(request, min(page - 1, last)) if page > 1 else None,
            "items": list(queryset[start : start + size]),
        }


def page_address(request: HttpRequest, page: int) -> str:
    """The path of another page of the same query."""
    query = request.GET.copy()
    query["page"] = str(page)
    return f"{request.path}?{urlencode(sorted(query.items()))}"


class RateLimit(BaseThrottle):
    """So many requests a minute for each actor, or each address where nobody is signed in.

    Counted in each worker process for itself: a caller reaches at most the limit times the number of workers.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit, self.clock = limit, clock
        self.window, self.counts = -1, dict[str, int]()
        self.lock = threading.Lock()

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the request; False when the caller's minute is used up."""
        actor = actor_of(request)
        caller = actor.label if actor.id else address_of(request)
        window = int(self.clock() // WINDOW_SECONDS)
        with self.lock:
            if window != self.window:
                self.window, self.counts = window, {}
            self.counts[caller] = self.counts.get(caller, 0) + 1
            return self.counts[caller] <= self.limit

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return WINDOW_SECONDS - self.clock() % WINDOW_SECONDS


class BashuAPI(NinjaAPI):
    """An API whose contract reads the same however its routers were loaded."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """The OpenAPI document, its paths and components in alphabetical order."""
        schema = super().get_openapi_schema(**kwargs)
        schema["paths"] = dict(sorted(schema["paths"].items()))
        schema["components"]["schemas"] = dict(sorted(schema["components"].get("schemas", {}).items()))
        return schema


def make_api(**options: Any) -> NinjaAPI:
    """A new API with our refusals, limits and contract: `bashu.urls` makes the node's. Options go to NinjaAPI."""
    api = BashuAPI(
        title="Bashu",
        version=__version__,
        description="Refusals are RFC 9457 problem+json. Writes take `Idempotency-Key` and, where a record is changed, `If-Match`.",
        docs_url=None,
        auth=caller,
        **{"urls_namespace": "api", "throttle": [RateLimit(settings.BASHU_API_RATE)], **options},
    )
    for kind in (
        BashuError,
        ValidationError,
        Throttled,
        HttpError,
        Http404,
        OperationalError,
        InterfaceError,
        DataError,
        OverflowError,
        RequestDataTooBig,
        Exception,
    ):
        api.add_exception_handler(kind, answer)
    return api


def answer(_request: HttpRequest, error: Any) -> HttpResponse:
    """Whatever an operation raised, as problem+json; refusals are counted."""
    match error:
        case BashuError():
            refusal = error
        case Throttled():
            refusal = TooMany(seconds=int(error.wait or 1))
        case Http404():
            refusal = NotFound()
        case OperationalError() | InterfaceError():
            problems.logger.error("database away", exc_info=error)
            refusal = Unavailable(reason="database")
        case (
            DataError() | OverflowError()
        ):  # a zero byte in a text, a number beyond its column, a day beyond the calendar
            refusal = Malformed(place="request", problem=str(error).split("\n", 1)[0])
        case RequestDataTooBig():
            refusal = TooLarge()
        case ValidationError():
            return problems.malformed(error.errors)
        case HttpError():
            return problems.problem("bashu.http", error.status_code, str(error))
        case _:
            return problems.fault(error)
    metrics.refusals_total.labels(refusal.code).inc()
    return problems.problem_of(refusal)
