"""Results of the engines as plain objects, for JSON and for tables."""

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from bashu.policy.engine.budgets import allocate
from bashu.policy.engine.choosing import CQ, SC, Choice, choose, only, rejections
from bashu.policy.engine.explain import explain, lacking
from bashu.policy.engine.levies import WINNERS, Compiled, Outcome, Population, evaluate
from bashu.policy.engine.rules import NATION, SILENT, Delegation, Relief, RuleSet
from bashu.policy.formats.catalogue import Offers, Projects


def levy_results(compiled: Compiled, population: Population, *, why: bool = False) -> Iterator[dict[str, Any]]:
    """One object for each entity and item, entity by entity."""
    outcomes = evaluate(compiled, population)
    shown = [(outcome, *columns(outcome)) for outcome in outcomes if outcome.plan.parts]
    for index, entity in enumerate(population.ids):
        reasons = explain(compiled, population.take(index)) if why else {}
        for outcome, winner, saving in shown:
            row = levy_result(outcome, population, index, winner, saving)
            shown_period = f"{compiled.period.start}/{compiled.period.end}"
            row = {"entity": entity, "period": shown_period, **row, "rules": compiled.rules.digest}
            yield {**row, "why": reasons[outcome.plan.levy.id]} if why else row


KEPT = ("cq_fen", "sc_fen", "payable_fen", "rate_winner")


def kept_results(outcomes: Sequence[Outcome], population: Population) -> Iterator[str]:
    """For each entity its results as they are kept: canonical JSON, by item [cq, sc, payable, rate winner], null where there is none."""
    shown = [(outcome, *columns(outcome)) for outcome in outcomes if outcome.plan.parts]
    for index in range(len(population.ids)):
        rows = [levy_result(outcome, population, index, winner, saving) for outcome, winner, saving in shown]
        yield canonical({row["item"]: [row[key] for key in KEPT] for row in rows})


def canonical(results: dict[str, Any]) -> str:
    """Kept results as one text, the same whenever they are the same."""
    return json.dumps(results, sort_keys=True, separators=(",", ":"))


def row_digest(line: str, results: str) -> bytes:
    """Digest of one entity of a run: its line as it was told, and its results."""
    return sha256(b"%d " % len(line.encode()) + line.encode() + results.encode()).digest()


def run_digest(rows: Iterable[bytes]) -> str:
    """Digest of a run: that of its entities' digests, in order."""
    digest = sha256()
    for row in rows:
        digest.update(row)
    return f"sha256:{digest.hexdigest()}"


def columns(outcome: Outcome) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Winner and saving of a levy with results."""
    return (None, None) if outcome.payable is None else (outcome.winner(), outcome.saving())


def levy_result(
    outcome: Outcome, population: Population, index: int, winner: np.ndarray | None, saving: np.ndarray | None
) -> dict[str, Any]:
    """One entity and item. Without a result the amounts are null and `missing` or `conflict` says why."""
    plan = outcome.plan
    missing = lacking(outcome, population, index)
    unknown = sorted({f"{name} ({province})" for part in plan.parts for province, name in part.missing.items()})
    conflict = outcome.conflict is not None and bool(outcome.conflict[index])
    told = not missing and not conflict
    result: dict[str, Any] = {
        "item": plan.levy.id,
        "cq_fen": int(outcome.cq[index]) if told and outcome.cq is not None else None,
        "sc_fen": int(outcome.sc[index]) if told and outcome.sc is not None else None,
        "payable_fen": None,
        "winner": None,
        "rate_winner": rate_winner(outcome, index) if told else None,
        "saving_fen": None,
        "comparand": plan.levy.comparand,
        "status": "unknown" if unknown else plan.status,
        "missing": [*missing, *unknown],
    }
    if conflict:
        result["conflict"] = sorted(
            {
                f"{one} / {other}"
                for part in plan.parts
                for side in part.sides.values()
                if side
                for _, one, other in side.conflicts
            }
        )
    if told and outcome.payable is not None and winner is not None and saving is not None:
        result["payable_fen"] = int(outcome.payable[index])
        result["winner"] = WINNERS[int(winner[index])]
        result["saving_fen"] = int(saving[index])
        owed = bool(result["cq_fen"] or result["sc_fen"])
        result["disagree"] = owed and result["rate_winner"] not in (None, result["winner"])
        if result["winner"] != "tie" or result["disagree"]:
            result["legal_basis"] = dict(plan.levy.setter)
    if len(plan.parts) > 1:
        result["versions"] = [version_result(outcome, place, index, told) for place in range(len(plan.parts))]
    return result


def version_result(outcome: Outcome, place: int, index: int, told: bool) -> dict[str, Any]:
    """One part of the period, in which no rate changes: both sides and the lower of them."""
    part, sides = outcome.plan.parts[place], outcome.by_part[place]
    cq, sc = (None if side is None or not told else int(side[index]) for side in sides)
    result: dict[str, Any] = {"from": f"{part.period.start}", "to": f"{part.period.end}", "cq_fen": cq, "sc_fen": sc}
    if cq is None or sc is None:
        return result | {"payable_fen": None, "winner": None, "saving_fen": None}
    winner = "tie" if cq == sc else "cq" if cq < sc else "sc"
    return result | {"payable_fen": min(cq, sc), "winner": winner, "saving_fen": abs(cq - sc)}


def rate_winner(outcome: Outcome, index: int) -> str | None:
    """Which side has the lower rate."""
    codes = outcome.rate_winner
    if codes is None:
        return None
    return WINNERS[int(codes[index]) if isinstance(codes, np.ndarray) else codes]


def stated(rules: RuleSet) -> Iterator[dict[str, Any]]:
    """Every number, relief, delegation and quota of the rules with its status and source."""
    for number in rules.numbers:
        for version in number.versions:
            yield {
                "parameter": number.id,
                "label": dict(number.label),
                "jurisdiction": version.jurisdiction,
                "from": str(version.start),
                "status": "unknown" if version.value is None else version.status,
                "source": rules.sources[version.source].title["zh"],
                "note": dict(version.note),
                "place": version.place,
            }
    reliefs: list[tuple[str, str, Relief | Delegation]] = [
        (f"{levy.id}.{relief.id}", NATION, relief) for levy in rules.levies.values() for relief in levy.reliefs
    ]
    reliefs += [(delegation.id, delegation.side, delegation) for delegation in rules.delegations.values()]
    for name, side, thing in reliefs:
        source = rules.sources.get(thing.source)
        yield {
            "parameter": name,
            "label": dict(thing.label),
            "jurisdiction": side,
            "from": str(thing.start),
            "status": thing.status,
            "source": source.title["zh"] if source else thing.source,
            "note": dict(thing.note if isinstance(thing, Delegation) else SILENT),
            "place": thing.place,
        }


def choice_results(offers: Offers, projects: Projects) -> Iterator[dict[str, Any]]:
    """One object for each project."""
    amounts = np.maximum(projects.amounts, -1)
    best = choose(offers.problem, amounts, projects.investment)
    alone = {
        side: choose(offers.problem, only(offers.problem, amounts, side), projects.investment).total
        for side in (CQ, SC)
    }
    for index in range(len(projects.ids)):
        yield choice_result(offers, projects, amounts, best, index) | {
            "sc_only_fen": int(alone[SC][index]),
            "cq_only_fen": int(alone[CQ][index]),
            "rejected": rejected(offers, projects, amounts, best, index),
        }


def choice_result(offers: Offers, projects: Projects, amounts: np.ndarray, best: Choice, index: int) -> dict[str, Any]:
    """The best set of one project, each chosen item with its amount."""
    mask = int(best.mask[index])
    chosen = [place for place in range(len(offers.items)) if mask >> place & 1]
    return {
        "project": projects.ids[index],
        "total_fen": int(best.total[index]),
        "chosen": [offers.items[place].id for place in chosen],
        "amounts_fen": {offers.items[place].id: int(amounts[index, place]) for place in chosen},
        "bound_fen": int(best.bound[index]),
        "proven": bool(best.proven[index]),
        "unverified": [
            offers.items[place].id for place in chosen if offers.items[place].status not in ("sourced", "derived")
        ],
    }


def rejected(offers: Offers, projects: Projects, amounts: np.ndarray, best: Choice, index: int) -> list[dict[str, Any]]:
    """Why each other item was not chosen."""
    result = []
    lacking_facts = projects.missing.get(projects.ids[index], set())
    found = rejections(
        offers.catalogue, offers.problem, amounts[index], int(projects.investment[index]), int(best.mask[index])
    )
    for item in found:
        missing = sorted(lacking_facts & set(projects.facts.get(item.item, ())))
        row: dict[str, Any] = {
            "item": item.item,
            "reason": item.reason,
            "because": list(item.because),
            "best_with_fen": item.best_with,
        }
        if missing:
            row |= {
                "reason": "missing_facts",
                "because": missing,
                "could_reach_fen": reachable(offers, projects, amounts, index, item.item),
            }
        result.append(row)
    return result


def reachable(offers: Offers, projects: Projects, amounts: np.ndarray, index: int, item: str) -> int | None:
    """What telling a missing fact could change: the best total if the item paid its cap; None when it has none."""
    place = next(place for place, support in enumerate(offers.items) if support.id == item)
    cap = offers.items[place].cap
    if cap is None:
        return None
    supposed = amounts[index : index + 1].copy()
    supposed[0, place] = cap
    return int(choose(offers.problem, supposed, projects.investment[index : index + 1]).total[0])


def allocation_result(offers: Offers, projects: Projects) -> dict[str, Any]:
    """Every project's set within the budgets they share, and what each budget is worth at the margin."""
    found = allocate(
        offers.problem, np.maximum(projects.amounts, -1), projects.investment, list(offers.budgets.values())
    )
    return {
        "total_fen": found.total,
        "bound_fen": found.bound,
        "proven": found.proven,
        "budgets": [
            {"budget": name, "most_fen": budget.most, "spent_fen": spent, "price": round(price, 6)}
            for (name, budget), spent, price in zip(offers.budgets.items(), found.spent, found.price, strict=True)
        ],
        "projects": [
            {
                "project": name,
                "total_fen": paid,
                "chosen": [item.id for place, item in enumerate(offers.items) if mask >> place & 1],
            }
            for name, paid, mask in zip(projects.ids, found.paid, found.masks, strict=True)
        ],
    }
