"""Whether the compiled engine is loaded in this process.

A web worker loads it in the background when it starts (`wsgi.py`). Until then questions are refused with 503 and a time to
ask again, so that no request waits for it; on a machine that has compiled it before this takes about a second.
"""

import logging
import threading
from datetime import UTC, date, datetime
from typing import Any

from bashu.logistics.errors import EngineWarming

SECONDS = 5  # after which to ask again
WARM_DAY = date(2025, 3, 3)  # within the shipped timetable

_ready = threading.Event()


def start() -> None:
    """Begin to load the engine, without waiting for it."""
    threading.Thread(target=_load, name="logistics-engine", daemon=True).start()


def warm() -> None:
    """Load the engine by asking it: both scans, on the shipped network."""
    from bashu.logistics.selectors import network, routes

    asked: dict[str, Any] = {"origin": "DEYANG", "destination": "SGSIN", "cargo": routes.Cargo(1)}
    folder = network.network_shipped()
    routes.route(folder, departs=WARM_DAY, **asked)
    routes.latest(folder, earliest=WARM_DAY, deadline=datetime(2025, 4, 3, tzinfo=UTC), **asked)
    _ready.set()


def is_ready() -> bool:
    """Whether questions are answered at once."""
    return _ready.is_set()


def need() -> None:
    """Refuse (EngineWarming, 503) while the engine is not loaded."""
    if not _ready.is_set():
        raise EngineWarming(seconds=SECONDS)


def _load() -> None:
    try:
        warm()
    except Exception:
        logging.getLogger("bashu.logistics").exception("the planner's engine could not be loaded")
