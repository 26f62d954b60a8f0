"""How the system's values are said: technologies, places, players, amounts."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bashu.power.formats.region import Cited, region_facts

TECHNOLOGIES: Mapping[str, Promise] = {
    "hydro": _("Hydro"),
    "coal": _("Coal"),
    "gas": _("Gas"),
    "wind": _("Wind"),
    "solar": _("Solar"),
    "purchase": _("Bought from beyond"),
    "demand response": _("Demand response"),
    "replacement": _("Made in the east instead"),
}
SIDES: Mapping[str, Promise] = {"SC": _("Sichuan"), "CQ": _("Chongqing"), "NW": _("Northwest"), "joint": _("Both")}
PLAYERS: Mapping[str, Promise] = {
    "Sichuan": _("Sichuan's grid"),
    "Chongqing": _("Chongqing's grid"),
    "Northwest": _("Northwest grid"),
    "UHV": _("Owner of the ultra-high-voltage line"),
}
BASELINES: Mapping[str, Promise] = {
    "isolated": _("every grid alone"),
    "ties": _("existing ties only"),
}
LINE_KINDS: Mapping[str, Promise] = {
    "tie": _("Tie between the provinces"),
    "uhv": _("Ultra-high-voltage line"),
    "link": _("Line to beyond"),
    "inner": _("Inside a province"),
}
UNITS: Mapping[str, Promise] = {"MWh": _("MWh"), "MW": _("MW"), "h": _("h"), "元/MWh": _("yuan/MWh")}
# Why a long horizon was not solved by pieces: what engine/stitched says, else that its first step failed.
WHOLE: Mapping[str, Promise] = {"the stitched start did not help": _("the start from pieces took longer than none")}
COARSE = _("the program of whole days had no optimum")
MILLION_YUAN_FEN = 10**8


def chinese() -> bool:
    """Whether the page speaks Chinese."""
    return (get_language() or "zh").startswith("zh")


def name_of(row: object) -> str:
    """The name of a record or fact in the language being spoken."""
    english = getattr(row, "name_en", "")
    return str(getattr(row, "name", "") if chinese() or not english else english)


def note_of(row: Cited) -> str:
    """The note of a fact in the language being spoken."""
    return (row.note if chinese() else row.note_en or row.note) or ""


def of_side(side: str, what: object) -> str:
    """A subject of one province."""
    return str(_("{side}: {what}")).format(side=SIDES[side], what=what)


def unit_of(row: object) -> str:
    """The unit of a fact in the language being spoken."""
    unit = getattr(row, "unit", "")
    return str(UNITS.get(unit, unit))


def zone_names() -> dict[str, str]:
    """What each place of the model is called."""
    return {zone.id: name_of(zone) for zone in region_facts().zones}


def line_names() -> dict[str, str]:
    """What each line is called."""
    return {line.id: name_of(line) for line in region_facts().lines}


def million_yuan(fen: int | None) -> float | None:
    """Fen as millions of yuan with two decimals."""
    return None if fen is None else round(fen / MILLION_YUAN_FEN, 2) + 0.0


def thousand(value: Decimal | float | None) -> float:
    """A figure in thousands with one decimal: MWh as GWh, tonnes as kilotonnes."""
    return round(float(value or 0) / 1000, 1) + 0.0


def coalition(mask: int, players: list[str]) -> str:
    """The players of a coalition by their names."""
    return " + ".join(str(PLAYERS.get(player, player)) for i, player in enumerate(players) if mask >> i & 1)
