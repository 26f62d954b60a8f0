"""Any network file: which format it is, read, and refused if it contradicts itself."""

from pathlib import Path

from bashu.power.engine.check import findings
from bashu.power.engine.network import active_only
from bashu.power.errors import FileUnreadable, NetworkRefused
from bashu.power.formats import matpower, pypsa, tidy
from bashu.power.formats.pypsa import Reading

SHOWN = 8


def read(path: Path, *, dc: str = "matpower") -> Reading:
    """A network by what the path is: `.nc`, `.m`, a tidy folder, or a PyPSA folder; checked before it is handed on.

    dc: the direct-current convention for `.m` files. Raises FileUnreadable, Unsupported, or NetworkRefused with what is wrong.
    """
    if not path.exists():
        raise FileUnreadable(place=str(path), problem="there is no such file")
    if path.is_dir():
        reading = Reading(tidy.read(path), []) if tidy.is_tidy(path) else pypsa.read(path)
    elif path.suffix == ".m":
        reading = Reading(matpower.read(path, convention=dc), [])
    elif path.suffix == ".nc":
        reading = pypsa.read(path)
    else:
        raise FileUnreadable(place=path.name, problem="neither .nc, .m nor a folder of tables")
    found = findings(active_only(reading.network))
    if found:
        more = f" (and {len(found) - SHOWN} more)" if len(found) > SHOWN else ""
        raise NetworkRefused(problems="; ".join(map(str, found[:SHOWN])) + more)
    return reading
