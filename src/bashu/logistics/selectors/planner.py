"""The planner: questions to the network in force, with the space that is free and the hubs that are closed at this moment."""

from datetime import UTC, date, datetime, time, timedelta

from bashu.logistics.selectors.network import network_state
from bashu.logistics.selectors.routes import Answer, Cargo, latest, route
from bashu.logistics.terms import HORIZON, HOUR_FEN, TONNE_FEN


def options(
    *,
    origin: str,
    destination: str,
    departs: date | datetime,
    cargo: Cargo,
    hour: int = HOUR_FEN,
    tonne: int = TONNE_FEN,
) -> Answer:
    """As `route`, on the network in force."""
    folder, live = network_state(*span(departs))
    return route(
        folder, origin=origin, destination=destination, departs=departs, cargo=cargo, hour=hour, tonne=tonne, live=live
    )


def last_departure(
    *, origin: str, destination: str, earliest: date | datetime, deadline: datetime, cargo: Cargo
) -> tuple[int | None, str]:
    """As `latest`, on the network in force; with the version that was asked."""
    folder, live = network_state(*span(earliest))
    asked = latest(
        folder, origin=origin, destination=destination, earliest=earliest, deadline=deadline, cargo=cargo, live=live
    )
    return asked, folder.version


def span(departs: date | datetime) -> tuple[datetime, datetime]:
    """The moments between which departures may matter, whatever the origin's clock."""
    day = departs.date() if isinstance(departs, datetime) else departs
    midnight = datetime.combine(min(max(day, date(1970, 1, 3)), date(9000, 1, 1)), time(), tzinfo=UTC)
    return midnight - timedelta(days=2), midnight + timedelta(days=HORIZON + 3)
