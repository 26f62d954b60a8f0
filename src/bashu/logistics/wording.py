"""What kinds, modes and facilities are called, and names in the reader's language."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

MODES: dict[str, str | Promise] = {
    "road": _("Road"), "rail": _("Rail"), "rail1520": _("Rail, 1,520 mm"), "river": _("River"), "sea": _("Sea"), "air": _("Air"),
    "handling": _("Handling"),
}  # fmt: skip
KINDS: dict[str, str | Promise] = {
    "river_port": _("River port"), "sea_port": _("Sea port"), "rail_port": _("Rail port"), "rail_border": _("Rail border station"),
    "dry_port": _("Dry port"), "airport": _("Airport"),
}  # fmt: skip
CORRIDORS: dict[str, str | Promise] = {
    "land_sea": _("New Western Land-Sea Corridor"), "eurasia": _("China–Europe trains"), "yangtze": _("Yangtze River"),
    "air": _("Air corridor"), "": _("Within the region"),
}  # fmt: skip
CUSTOMS: dict[str, str | Promise] = {
    "inspection": _("Customs inspection"), "bonded": _("Bonded area"), "quarantine": _("Quarantine"),
}  # fmt: skip
PORT_OF_ENTRY: dict[str, str | Promise] = {"yes": _("Yes"), "no": _("No"), "unknown": _("Unknown")}
SOURCES: dict[str, str | Promise] = {  # of the shipped files, which are in English; others stand as they are written
    "from memory; coordinates approximate": _("no source was read; coordinates are approximate"),
}
TONES = {"land_sea": 1, "eurasia": 2, "yangtze": 3, "air": 4, "": 5}  # series colours of the corridors


def name_of(record: Any) -> str:
    """A hub's, a service's or a place's name in the reader's language; `record` has name_zh and name_en, or is a mapping."""
    zh, en = (record["name_zh"], record["name_en"]) if isinstance(record, dict) else (record.name_zh, record.name_en)
    chinese = (get_language() or "").startswith("zh")
    return str(zh or en if chinese else en or zh)
