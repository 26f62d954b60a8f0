"""Quotes: an option under the node's signature, so that what was offered can be booked without having been kept.

A token holds the whole option, its cargo and its network version. Nobody can make or change one without the node's key.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.core import signing

from bashu.logistics.errors import QuoteExpired, QuoteWrong
from bashu.logistics.terms import QUOTE_MINUTES

SALT = "logistics.quote"


class Place(NamedTuple):
    """An end of the way: its code and its name in both languages."""

    code: str
    name_zh: str
    name_en: str


class Quote(NamedTuple):
    """What a token says. legs: as `answer_out` tells them; dangerous: the UN class or None; network: the version's digest."""

    network: str
    valid_until: datetime
    teu: int
    dangerous: int | None
    reefer: bool
    origin: Place
    destination: Place
    departs_at: datetime
    arrives_at: datetime
    price_fen: int
    gco2e: int
    legs: list[dict[str, Any]]

    @property
    def carried(self) -> list[dict[str, Any]]:
        """The legs on which the goods move: without the handling at the end."""
        return [leg for leg in self.legs if leg["mode"] != "handling"]

    @property
    def hubs(self) -> list[str]:
        """The codes of the ends of its legs."""
        return [leg[end] for leg in self.carried for end in ("from", "to")]


def quote_sign(option: Mapping[str, Any], cargo: tuple[int, int | None, bool], valid_until: datetime) -> str:
    """Sign one option of `answer_out` for a cargo (TEU, UN class or None, reefer), good until a moment."""
    said = {
        "valid_until": valid_until.astimezone(UTC).isoformat(),
        "cargo": list(cargo),
        **{
            name: option[name]
            for name in ("origin", "destination", "departs_at", "arrives_at", "price_fen", "gco2e", "legs")
        },
        "network": option["network"]["version"],
    }
    return signing.dumps(said, salt=SALT, compress=True)


def quoted(option: Mapping[str, Any], cargo: tuple[int, int | None, bool], now: datetime) -> dict[str, Any]:
    """An option of `answer_out` with `quote` and `valid_until`, both None once it has departed."""
    until = now + timedelta(minutes=QUOTE_MINUTES)
    good = datetime.fromisoformat(option["departs_at"]) > now
    quote = quote_sign(option, cargo, until) if good else None
    return {**option, "quote": quote, "valid_until": until if good else None}


def quote_read(token: str) -> Quote:
    """What a token says, whether or not it is still good. Raises QuoteWrong when it is not one of this node's."""
    try:
        said = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise QuoteWrong from None
    teu, dangerous, reefer = said["cargo"]
    return Quote(
        network=said["network"],
        valid_until=datetime.fromisoformat(said["valid_until"]),
        teu=teu,
        dangerous=dangerous,
        reefer=reefer,
        origin=place_of(said["origin"]),
        destination=place_of(said["destination"]),
        departs_at=datetime.fromisoformat(said["departs_at"]),
        arrives_at=datetime.fromisoformat(said["arrives_at"]),
        price_fen=said["price_fen"],
        gco2e=said["gco2e"],
        legs=said["legs"],
    )


def place_of(said: Mapping[str, str]) -> Place:
    """One end of the way."""
    return Place(said["code"], said["name_zh"], said["name_en"])


def quote_open(token: str, now: datetime) -> Quote:
    """A quote that is still good. Raises QuoteWrong, QuoteExpired: past its time, or past its departure."""
    quote = quote_read(token)
    if now >= min(quote.valid_until, quote.departs_at):
        raise QuoteExpired(until=min(quote.valid_until, quote.departs_at))
    return quote
