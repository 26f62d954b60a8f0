"""Figures of the running node for Prometheus, merged over its worker processes.

Each process writes its counts into memory-mapped files under BASHU_HOME/run/metrics; whichever worker answers /metrics
reads them all. The node's supervisor empties the folder when it starts (`start_afresh`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FOLDER = Path(settings.BASHU_HOME) / "run" / "metrics"
FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(FOLDER))  # the client chooses its storage when it is imported

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest  # noqa: E402
from prometheus_client.core import GaugeMetricFamily  # noqa: E402
from prometheus_client.metrics_core import Metric  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402
from prometheus_client.registry import Collector  # noqa: E402

from bashu.kernel.commands.actor import ActorKind  # noqa: E402
from bashu.kernel.errors import NotFound  # noqa: E402
from bashu.kernel.journal import selectors as journal  # noqa: E402
from bashu.kernel.parties.services import READ_SCOPES  # noqa: E402
from bashu.kernel.parties.signin import address_of  # noqa: E402
from bashu.kernel.web.requests import actor_of  # noqa: E402

SCOPE = "web.metrics.read"
READ_SCOPES[SCOPE] = "Read the node's metrics."
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

requests_total = Counter("bashu_requests_total", "Requests answered.", ["method", "route", "status"])
request_seconds = Histogram(
    "bashu_request_seconds", "Time to answer a request, in seconds.", ["route"], buckets=SECONDS
)
refusals_total = Counter("bashu_refusals_total", "Refusals given, by error code.", ["code"])


def start_afresh() -> None:
    """Forget the counts of processes that are gone; call before the first worker starts."""
    for path in FOLDER.glob("*.db"):
        path.unlink(missing_ok=True)


class Journal(Collector):
    """The journal's size and its unsealed tail, read when asked."""

    def collect(self) -> Iterator[Metric]:
        """Two gauges."""
        yield GaugeMetricFamily(
            "bashu_journal_sealed_entries", "Entries in the signed tree.", value=journal.tree_size()
        )
        yield GaugeMetricFamily(
            "bashu_journal_unsealed_entries", "Entries waiting for the sealer.", value=journal.unsealed_count()
        )


def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics: for a caller on this machine, not through a proxy, or a token with the scope `web.metrics.read`."""
    direct = "HTTP_X_FORWARDED_FOR" not in request.META and address_of(request) in ("127.0.0.1", "::1")
    actor = actor_of(request)
    if not direct and not (actor.kind == ActorKind.TOKEN and actor.scopes is not None and actor.may_call(SCOPE)):
        raise NotFound
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Journal())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
