"""The words of a PyPSA network that this engine does not compute with, and why each may be left unread.

`HARMLESS` attributes describe, belong to other studies (power flow, clustering), or are results of an earlier solve: the least-cost
dispatch does not depend on them. `NEUTRAL` attributes do change the answer; a file may carry them only at the value that
stands for their absence. Compared with PyPSA 1.4.
"""

INF = float("inf")
NAN = float("nan")

LIFE = {"build_year", "lifetime", "location", "weight", "type"}
FLOW_STUDY = {"control", "q_set", "p", "q", "p0", "p1", "q0", "q1"}
RESULTS = {
    "p_nom_opt", "s_nom_opt", "e_nom_opt", "mu_upper", "mu_lower", "mu_p_set", "mu_ramp_limit_up", "mu_ramp_limit_down",
    "mu_state_of_charge_set", "mu_energy_balance", "mu_e_set", "mu", "status", "start_up", "shut_down", "marginal_price",
    "p_dispatch", "p_store", "state_of_charge", "spill", "e", "n_mod", "maintenance", "maintenance_start",
    "capital_cost_piecewise_opt", "marginal_cost_piecewise_opt",
}  # fmt: skip
HARMLESS: dict[str, set[str]] = {
    "buses": {
        "x", "y", "type", "unit", "location", "v_mag_pu_set", "v_mag_pu_min", "v_mag_pu_max", "control", "generator",
        "sub_network", "v_mag_pu", "v_ang", "marginal_price", *FLOW_STUDY,
    },
    "carriers": {"color", "nice_name", "max_growth", "max_relative_growth"},
    "loads": {*LIFE, *FLOW_STUDY},
    "generators": {*LIFE, *FLOW_STUDY, *RESULTS},
    "storage_units": {*LIFE, *FLOW_STUDY, *RESULTS},
    "stores": {*LIFE, *FLOW_STUDY, *RESULTS},
    "links": {*LIFE, *FLOW_STUDY, *RESULTS, "length", "terrain_factor", "p2", "p3", "p4"},
    "lines": {
        *LIFE, *FLOW_STUDY, *RESULTS, "g", "b", "terrain_factor", "v_ang_min", "sub_network", "x_pu", "r_pu", "g_pu", "b_pu",
        "x_pu_eff", "r_pu_eff",
    },
    "transformers": {
        *LIFE, *FLOW_STUDY, *RESULTS, "g", "b", "model", "tap_side", "tap_position", "v_ang_min", "sub_network", "x_pu", "r_pu",
        "g_pu", "b_pu", "x_pu_eff", "r_pu_eff", "phase_shift_opt", "num_parallel",
    },
    "global_constraints": {"mu", "investment_period", "bus"},
}  # fmt: skip

MONEY = {"overnight_cost": NAN, "discount_rate": NAN, "fom_cost": 0.0}
UPKEEP = {"maintainable": False}
SWITCHED = {
    "committable": False, "start_up_cost": 0.0, "shut_down_cost": 0.0, "stand_by_cost": 0.0, "min_up_time": 0.0,
    "min_down_time": 0.0, "up_time_before": 1.0, "down_time_before": 0.0, "ramp_limit_start_up": NAN,
    "ramp_limit_shut_down": NAN,
}  # fmt: skip
ENTITY_TYPE = {"type": ""}
NEUTRAL: dict[str, dict[str, object]] = {
    "buses": {},
    "carriers": {},
    "loads": {},
    "generators": {"p_nom_mod": 0.0, **MONEY, **UPKEEP},
    "storage_units": {
        "p_nom_mod": 0.0, "p_dispatch_set": NAN, "p_store_set": NAN, "state_of_charge_initial_per_period": False,
        "cyclic_state_of_charge_per_period": False, **MONEY,
    },
    "stores": {"e_nom_mod": 0.0, "e_initial_per_period": False, "e_cyclic_per_period": False, **MONEY},
    "links": {"p_nom_mod": 0.0, "delay": 0.0, **MONEY, **UPKEEP, **SWITCHED},
    "lines": {"s_nom_mod": 0.0, **MONEY},
    "transformers": {"s_nom_mod": 0.0, "type": "", "phase_shift_min": 0.0, "phase_shift_max": 0.0, **MONEY},
    "global_constraints": {},
}  # fmt: skip
# Needed only where another attribute, itself neutral, is not.
CONDITIONAL = {"maintenance_duration", "maintenance_pu", "maintenance_events", "cyclic_delay"}
# What a line or transformer says about itself; the reader turns it into an angle per megawatt.
ELECTRICAL: dict[str, set[str]] = {
    "lines": {"x", "r", "type", "length", "num_parallel", "v_ang_max"},
    "transformers": {"x", "r", "tap_ratio", "v_ang_max"},
}
# Tables that hold nothing the dispatch needs.
SILENT_TABLES = {"sub_networks", "shapes", "line_types", "transformer_types", "investment_periods"}
KIND_OF = {"global_constraints": "limits", "transformers": "lines"}
