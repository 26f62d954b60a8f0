"""The words of a network: every kind of component, its attributes, their defaults and units.

Names are those of PyPSA where PyPSA has the thing, so that a reader who knows one knows the other; `own` marks what only
this engine understands and what an export to PyPSA must therefore refuse. A file attribute outside these tables is refused
by name or reported as an annotation (see formats): nothing that could change an answer is passed over in silence.
"""

from typing import NamedTuple

INF = float("inf")
NAN = float("nan")


class Attribute(NamedTuple):
    """One attribute: its default, its unit, whether it may differ by hour, whether only this engine knows it."""

    default: float | str | bool
    unit: str = ""
    varies: bool = False
    own: bool = False


def expansion(nominal: str, unit: str) -> dict[str, Attribute]:
    """What a capacity that may be extended needs."""
    return {
        nominal: Attribute(0.0, unit),
        f"{nominal}_extendable": Attribute(False),
        f"{nominal}_min": Attribute(0.0, unit),
        f"{nominal}_max": Attribute(INF, unit),
        f"{nominal}_set": Attribute(NAN, unit),
        "capital_cost": Attribute(0.0, f"money/{unit}"),
    }


ACTIVE = {"active": Attribute(True)}
COSTS = {
    "marginal_cost": Attribute(0.0, "money/MWh", varies=True),
    "marginal_cost_quadratic": Attribute(0.0, "money/MWh²h", varies=True),
}
RAMPS = {
    "ramp_limit_up": Attribute(NAN, "per unit", varies=True),
    "ramp_limit_down": Attribute(NAN, "per unit", varies=True),
    "p_init": Attribute(NAN, "MW"),
}

VOCABULARY: dict[str, dict[str, Attribute]] = {
    "buses": {
        "carrier": Attribute("AC"),
        "v_nom": Attribute(1.0, "kV"),
        "unserved_cost": Attribute(NAN, "money/MWh", own=True),
    },
    "carriers": {"co2_emissions": Attribute(0.0, "t/MWh of fuel")},
    "loads": {
        "bus": Attribute(""),
        "carrier": Attribute(""),
        "p_set": Attribute(0.0, "MW", varies=True),
        "sign": Attribute(-1.0),
        **ACTIVE,
    },
    "generators": {
        "bus": Attribute(""),
        "carrier": Attribute(""),
        "sign": Attribute(1.0),
        "efficiency": Attribute(1.0, "per unit", varies=True),
        "p_min_pu": Attribute(0.0, "per unit", varies=True),
        "p_max_pu": Attribute(1.0, "per unit", varies=True),
        "outage": Attribute(0.0, "share of p_nom away", varies=True, own=True),
        "p_set": Attribute(NAN, "MW", varies=True),
        "e_sum_min": Attribute(-INF, "MWh"),
        "e_sum_max": Attribute(INF, "MWh"),
        "committable": Attribute(False),
        "start_up_cost": Attribute(0.0, "money"),
        "shut_down_cost": Attribute(0.0, "money"),
        "stand_by_cost": Attribute(0.0, "money/h", varies=True),
        "min_up_time": Attribute(0.0, "snapshots"),
        "min_down_time": Attribute(0.0, "snapshots"),
        "up_time_before": Attribute(1.0, "snapshots"),
        "down_time_before": Attribute(0.0, "snapshots"),
        "ramp_limit_start_up": Attribute(NAN, "per unit"),
        "ramp_limit_shut_down": Attribute(NAN, "per unit"),
        **expansion("p_nom", "MW"),
        **COSTS,
        **RAMPS,
        **ACTIVE,
    },
    "storage_units": {
        "bus": Attribute(""),
        "carrier": Attribute(""),
        "sign": Attribute(1.0),
        "p_min_pu": Attribute(-1.0, "per unit", varies=True),
        "p_max_pu": Attribute(1.0, "per unit", varies=True),
        "p_set": Attribute(NAN, "MW", varies=True),
        "max_hours": Attribute(1.0, "h"),
        "efficiency_store": Attribute(1.0, "per unit", varies=True),
        "efficiency_dispatch": Attribute(1.0, "per unit", varies=True),
        "standing_loss": Attribute(0.0, "per hour", varies=True),
        "inflow": Attribute(0.0, "MW", varies=True),
        "spill_cost": Attribute(0.0, "money/MWh", varies=True),
        "marginal_cost_storage": Attribute(0.0, "money/MWh/h", varies=True),
        "state_of_charge_initial": Attribute(0.0, "MWh"),
        "state_of_charge_set": Attribute(NAN, "MWh", varies=True),
        "cyclic_state_of_charge": Attribute(False),
        "downstream": Attribute("", own=True),
        "travel_time": Attribute(0.0, "h", own=True),
        "head_ratio": Attribute(1.0, "MWh below per MWh here", own=True),
        "water_value": Attribute(0.0, "money/MWh", own=True),
        **expansion("p_nom", "MW"),
        **COSTS,
        **ACTIVE,
    },
    "stores": {
        "bus": Attribute(""),
        "carrier": Attribute(""),
        "sign": Attribute(1.0),
        "e_min_pu": Attribute(0.0, "per unit", varies=True),
        "e_max_pu": Attribute(1.0, "per unit", varies=True),
        "e_initial": Attribute(0.0, "MWh"),
        "e_cyclic": Attribute(False),
        "p_set": Attribute(NAN, "MW", varies=True),
        "e_set": Attribute(NAN, "MWh", varies=True),
        "standing_loss": Attribute(0.0, "per hour", varies=True),
        "marginal_cost_storage": Attribute(0.0, "money/MWh/h", varies=True),
        **expansion("e_nom", "MWh"),
        **COSTS,
        **ACTIVE,
    },
    "links": {
        "bus0": Attribute(""),
        "bus1": Attribute(""),
        "carrier": Attribute(""),
        "efficiency": Attribute(1.0, "per unit", varies=True),
        "p_min_pu": Attribute(0.0, "per unit", varies=True),
        "p_max_pu": Attribute(1.0, "per unit", varies=True),
        "p_set": Attribute(NAN, "MW", varies=True),
        **expansion("p_nom", "MW"),
        **COSTS,
        **RAMPS,
        **ACTIVE,
    },
    # `angle` is the angle difference that 1 MW needs, in radians (per unit reactance, or resistance on direct current).
    "lines": {
        "bus0": Attribute(""),
        "bus1": Attribute(""),
        "carrier": Attribute(""),
        "angle": Attribute(0.0, "rad/MW"),
        "phase_shift": Attribute(0.0, "degrees"),
        "angle_min": Attribute(-INF, "degrees"),
        "angle_max": Attribute(INF, "degrees"),
        "s_max_pu": Attribute(1.0, "per unit", varies=True),
        **expansion("s_nom", "MW"),
        **ACTIVE,
    },
    "limits": {
        "type": Attribute("primary_energy"),
        "carrier_attribute": Attribute("co2_emissions"),
        "sense": Attribute("=="),
        "constant": Attribute(0.0),
    },
    # A section limits the sum of the flows of several links, for example all ties between two grids.
    "sections": {
        "links": Attribute("", own=True),
        "p_max": Attribute(INF, "MW", varies=True, own=True),
        "p_min": Attribute(-INF, "MW", varies=True, own=True),
    },
    # Load that can wait: reduced now, made good within the block of `window` hours; window 0 is never made good.
    "flexible_loads": {
        "bus": Attribute("", own=True),
        "p_nom": Attribute(0.0, "MW", own=True),
        "p_max_pu": Attribute(1.0, "per unit", varies=True, own=True),
        "marginal_cost": Attribute(0.0, "money/MWh", varies=True, own=True),
        "window": Attribute(0.0, "h", own=True),
        "active": Attribute(True, own=True),
    },
}
KINDS = tuple(VOCABULARY)
BUS_OF = ("bus", "bus0", "bus1")


def attribute(kind: str, name: str) -> Attribute | None:
    """What the vocabulary says of an attribute; further ports of a link are `bus2`, `efficiency2`, `bus3`, ….

    >>> attribute("links", "efficiency2").default
    1.0
    >>> attribute("generators", "colour") is None
    True
    """
    if kind == "links" and (known := port(name)) is not None:
        return Attribute("") if known[0] == "bus" else Attribute(1.0, "per unit", varies=True)
    return VOCABULARY[kind].get(name)


def port(name: str) -> tuple[str, int] | None:
    """The further port that a link's attribute speaks of.

    >>> port("bus2"), port("efficiency3"), port("bus1")
    (('bus', 2), ('efficiency', 3), None)
    """
    for stem in ("bus", "efficiency"):
        digits = name.removeprefix(stem)
        if name.startswith(stem) and digits.isdecimal() and int(digits) > 1:
            return stem, int(digits)
    return None
