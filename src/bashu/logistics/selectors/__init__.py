"""Reads of this system that more than one place needs, by meaning."""

from bashu.logistics.selectors.answers import answer_out, status_of
from bashu.logistics.selectors.network import SHIPPED, network_current, network_read
from bashu.logistics.selectors.routes import Answer, Cargo, Live, Option, Question, latest, route, zone_of

__all__ = [
    "SHIPPED", "Answer", "Cargo", "Live", "Option", "Question", "answer_out", "latest", "network_current", "network_read",
    "route", "status_of", "zone_of",
]  # fmt: skip
