"""Records of this system; the database keeps their promises."""

from bashu.logistics.models.booking import (
    Box,
    Consignment,
    ConsignmentState,
    Document,
    Leg,
    LegDeparture,
    LegState,
    Terms,
)
from bashu.logistics.models.clearance import Declaration, DeclarationState, PortOffice, Transit, TransitState
from bashu.logistics.models.network import Closure, Departure, NetworkVersion
from bashu.logistics.models.tracking import Event, EventKind, Measure, Notification

__all__ = [
    "Box", "Closure", "Consignment", "ConsignmentState", "Declaration", "DeclarationState", "Departure", "Document", "Event",
    "EventKind", "Leg", "LegDeparture", "LegState", "Measure", "NetworkVersion", "Notification", "PortOffice", "Terms",
    "Transit", "TransitState",
]  # fmt: skip
