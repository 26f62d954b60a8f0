"""What the command line says of a dispatch and of a division: plain values for programs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bashu.methods import games
from bashu.power.engine.coalitions import Division, Ownership, in_fen
from bashu.power.engine.dispatch import Answer
from bashu.power.engine.network import Network
from bashu.power.engine.results import accounts, degenerate_prices
from bashu.power.engine.rolling import Rolled
from bashu.power.engine.scenarios import ScenarioResult, expected
from bashu.power.errors import FileUnreadable, PlayersRefused

CERTAIN = 1e-9  # how near to one probabilities must sum


def with_voll(network: Network, voll: float) -> Network:
    """The network in which load may go unserved at a price, where its buses do not say so already."""
    if voll <= 0:
        return network
    given = network["buses"]["unserved_cost"]
    return network.with_tables(buses=network["buses"].changed(unserved_cost=np.where(np.isnan(given), voll, given)))


def summary(answer: Answer) -> dict[str, object]:
    """What the command line says of an answer; numbers are null without optimality."""
    if answer.status != "optimal":
        names = ("objective", "primal_residual", "dual_gap", "unserved_mwh", "curtailed_mwh", "co2_t")
        return {
            "status": answer.status,
            **dict.fromkeys(names),
            "explanation": [str(line) for line in answer.explanation],
        }
    model, energy, books = answer.model, answer.energy, accounts(answer.model, answer.point)
    return {
        "status": answer.status,
        "objective": answer.objective,
        "primal_residual": answer.residuals.primal,
        "dual_residual": answer.residuals.dual,
        "dual_gap": answer.residuals.gap,
        "unserved_mwh": energy.unserved_mwh,
        "curtailed_mwh": energy.curtailed_mwh,
        "spilled_mwh": energy.spilled_mwh,
        "co2_t": energy.co2_t,
        "uplift": float(answer.uplift.sum()),
        "prices_not_unique": int(degenerate_prices(model, answer.point).sum()),
        "accounts_fen": {**books.received, "rounding": books.rounding},
        "snapshots": model.network.hours,
    }


def rolled(found: Rolled) -> dict[str, object]:
    """What the command line says of a rolling horizon; numbers are null without an optimum in every window."""
    solved = found.status == "optimal"
    energy = {name: value if solved else None for name, value in found.energy._asdict().items()}
    return {
        "status": found.status,
        "objective": found.objective if solved else None,
        "primal_residual": found.violation if solved else None,
        **energy,
        "windows": found.windows,
        "explanation": [str(line) for line in found.explanation],
    }


def swept(found: Sequence[ScenarioResult]) -> dict[str, Any]:
    """What the command line says of a scenario tree; `expected` is null unless the probabilities sum to one and every leaf is solved."""
    leaves = []
    for leaf in found:
        solved = leaf.status == "optimal"
        leaves.append(
            {
                "scenario": leaf.scenario.name,
                "closed": list(leaf.scenario.closed),
                "probability": leaf.scenario.probability,
                "status": leaf.status,
                "objective": leaf.objective if solved else None,
                **{name: value if solved else None for name, value in leaf.energy._asdict().items()},
                "explanation": [str(line) for line in leaf.explanation],
            }
        )
    complete = abs(sum(leaf.scenario.probability for leaf in found) - 1) <= CERTAIN and all(
        leaf.status == "optimal" for leaf in found
    )
    return {"leaves": leaves, "expected": expected(found) if complete else None}


def players_of(path: Path) -> dict[str, list[str]]:
    """The players of a JSON file. Raises FileUnreadable or PlayersRefused."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FileUnreadable(place=path.name, problem=str(error)) from error
    shaped = isinstance(read, dict) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in read.values()
    )
    if not shaped or not 1 <= len(read) <= games.LARGEST:
        raise PlayersRefused(
            place=path.name, problem=f"an object of 1 to {games.LARGEST} players, each a list of names, is needed"
        )
    return {str(player): list(names) for player, names in read.items()}


def shared(
    own: Ownership, found: Division, division: str, baseline: str, other_prices: dict[float, Division] | None = None
) -> dict:
    """A division for programs: payoffs by player, coalitions by their members' names joined with “+”.

    other_prices: the same game with lost load priced at so many times its price.
    """
    target = {"shapley": found.shapley, "nucleolus": found.nucleolus.payoff, "nash": found.nash}[division]
    fen, moved = in_fen(target - found.settlement)
    label = ["+".join(own.players[i] for i in sorted(games.members(mask))) for mask in range(len(found.values))]
    coalitions = range(1, len(found.values))

    def by_player(values: np.ndarray) -> dict[str, float]:
        return dict(zip(own.players, values.tolist(), strict=True))

    return {
        "players": list(own.players),
        "baseline": baseline,
        "v": {label[mask]: float(found.values[mask]) for mask in coalitions},
        "cost": {label[mask]: found.costs[mask].money for mask in coalitions},
        "energy": {label[mask]: found.costs[mask].energy._asdict() for mask in coalitions},
        "shapley": by_player(found.shapley),
        "nucleolus": by_player(found.nucleolus.payoff),
        "nucleolus_certified": games.certified(found.values, found.nucleolus),
        "nash": by_player(found.nash),
        "core_empty": found.least_core.core_is_empty(found.values),
        "least_core_epsilon": found.least_core.epsilon,
        "shapley_in_core": games.in_core(found.values, found.shapley),
        "division": division,
        "settlement": by_player(found.settlement),
        "transfers": by_player(fen / 100),
        "rounding_fen": moved,
        "lost_load_sensitivity": {
            f"{factor:g}": {
                "gain": float(other.values[-1]),
                "unserved_mwh_together": other.costs[-1].energy.unserved_mwh,
                "shapley": by_player(other.shapley),
                "nucleolus": by_player(other.nucleolus.payoff),
                "core_empty": other.least_core.core_is_empty(other.values),
            }
            for factor, other in (other_prices or {}).items()
        },
    }
