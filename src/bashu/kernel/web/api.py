"""The API's frame: one instance under /api/v1, its paging, rate limit, refusals, and contract."""
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Schema
from ninja.errors import HttpError, Throttled, ValidationError
from ninja.pagination import PaginationBase
from ninja.throttling import BaseThrottle
from ninja.utils import check_csrf

from bashu import __version__
from bashu.kernel.commands.actor import ActorKind
from bashu.kernel.errors import BashuError, Forbidden, NotFound, TooMany, Unavailable
from bashu.kernel.web import metrics, problems
from bashu.kernel.web.requests import actor_of, address_of

PAGE_SIZE, PAGE_SIZE_MAX, PAGE_MAX = 50, 500, 100_000
WINDOW_SECONDS = 60
SAFE = ("GET", "HEAD", "OPTIONS")


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

    def paginate_queryset(self, queryset: Any, pagination: Any, request: HttpRequest, **params: Any) -> dict[str, Any]:
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


def caller(request: HttpRequest) -> object:
    """Let everybody in as who they are; services decide what each may do.

    A browser's session may write only with the anti-forgery token, as on any page; a bearer token needs none.
    """
    actor = actor_of(request)
    if actor.kind is ActorKind.PERSON and request.method not in SAFE and check_csrf(request) is not None:
        raise Forbidden(needed="X-CSRFToken")
    return actor


class BashuAPI(NinjaAPI):
    """An API whose contract reads the same however its routers were loaded."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """The OpenAPI document, its paths and components in alphabetical order."""
        schema = super().get_openapi_schema(**kwargs)
        schema["paths"] = dict(sorted(schema["paths"].items()))
        schema["components"]["schemas"] = dict(sorted(schema["components"].get("schemas", {}).items()))
        return schema


def make_api(**options: Any) -> NinjaAPI:
    """A new API with our refusals, limits and contract. Options go to NinjaAPI; tests make their own."""
    api = BashuAPI(
        title="Bashu",
        version=__version__,
        description="Refusals are RFC 9457 problem+json. Writes take `Idempotency-Key` and, where a record is changed, `If-Match`.",
        docs_url=None,
        auth=caller,
        throttle=[RateLimit(settings.BASHU_API_RATE)],
        **{"urls_namespace": "api", **options},
    )
    api.add_exception_handler(BashuError, refused)
    api.add_exception_handler(ValidationError, lambda request, error: problems.malformed(error.errors))
    api.add_exception_handler(Throttled, lambda request, error: refused(request, TooMany(seconds=int(error.wait or 1))))
    api.add_exception_handler(HttpError, lambda request, error: problems.problem("bashu.http", error.status_code, str(error)))
    api.add_exception_handler(Http404, lambda request, error: refused(request, NotFound()))
    api.add_exception_handler(OperationalError, lambda request, error: refused(request, Unavailable(reason="database")))
    api.add_exception_handler(InterfaceError, lambda request, error: refused(request, Unavailable(reason="database")))
    api.add_exception_handler(Exception, lambda request, error: problems.fault(error))
    return api


def refused(request: HttpRequest, error: BashuError) -> HttpResponse:
    """A refusal, counted and answered."""
    metrics.refusals_total.labels(error.code).inc()
    return problems.problem_of(error)


api = make_api()
