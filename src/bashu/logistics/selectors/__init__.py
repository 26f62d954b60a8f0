"""Reads of this system that more than one place needs, by meaning."""

from bashu.logistics.selectors.routes import (
    SHIPPED,
    Answer,
    Cargo,
    Option,
    Question,
    answer_out,
    latest,
    network_read,
    route,
    zone_of,
)

__all__ = [
    "SHIPPED", "Answer", "Cargo", "Option", "Question", "answer_out", "latest", "network_read", "route", "zone_of",
]  # fmt: skip
