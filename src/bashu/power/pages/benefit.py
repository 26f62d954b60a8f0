"""What cooperation is worth, and ways to divide it."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bashu.kernel.errors import NotFound
from bashu.kernel.web.table import Column, Table
from bashu.kernel.web.table import Kind as Cell
from bashu.kernel.web.templatetags.bashu import Bar
from bashu.power import wording
from bashu.power.models import GameResult, Status
from bashu.power.pages.choosing import chosen, identifier, told
from bashu.power.selectors import dispatch as selectors

RULES = ("shapley", "nucleolus", "nash")
FEN = 100
ROUNDED = 100  # fen: a payoff and a value are each rounded, and a solve agrees to about nine digits


@require_safe
def benefit(request: HttpRequest) -> HttpResponseBase:
    """One division of a case's gain: the game, the rules, the core, and how much the value of lost load decides."""
    found = chosen(request)
    context: dict[str, Any] = told(found)
    games = list(selectors.game_list(case=found.case).filter(status=Status.OPTIMAL)) if found.case else []
    game = picked(request, games)
    if game is not None:
        payoffs = Table(payoff_columns(), payoff_rows(game), request, name="payoffs")
        values = Table(value_columns(), value_rows(game), request, name="coalitions", size=32)
        sensitive = Table(sensitivity_columns(game), sensitivity_rows(game, games), request, name="sensitivity")
        if file := payoffs.export() or values.export() or sensitive.export():
            return file
        context |= {
            "game": game,
            "games": [
                (one, title_of(one), one == game) for one in sorted(games, key=lambda one: (one.baseline, one.voll_fen))
            ],
            "baseline": wording.BASELINES[game.baseline],
            "payoffs": payoffs,
            "values": values,
            "sensitive": sensitive,
            "together": wording.million_yuan(game.values_fen[-1]),
            "saved": saved_energy(game),
            "epsilon": wording.million_yuan(game.least_core_epsilon_fen),
            "levels": levels_of(game),
            "rules": [(label, stable(game, rule)) for rule, label in rule_names().items()],
            "bars": [
                (
                    str(label),
                    [Bar(name_of(player), million(game.payoffs[rule][i])) for i, player in enumerate(game.players)],
                )
                for rule, label in rule_names().items()
            ],
        }
    return render(request, "power/benefit.html", context)


def picked(request: HttpRequest, games: list[GameResult]) -> GameResult | None:
    """The division that the query string names, else the one at the case's own value of lost load, every grid alone before."""
    wanted = identifier(request, "game")
    if wanted:
        if game := next((one for one in games if one.public_id == wanted), None):
            return game
        raise NotFound
    return min(games, key=lambda one: (one.baseline, abs(one.voll_fen - one.case.voll_fen), -one.pk), default=None)


def title_of(game: GameResult) -> str:
    """A division by its baseline and its value of lost load."""
    return _("before: {baseline}; {voll} yuan/MWh").format(
        baseline=wording.BASELINES[game.baseline], voll=f"{game.voll_fen // FEN:,}"
    )


def rule_names() -> dict[str, str]:
    """The rules by which a gain is divided."""
    return {"shapley": _("Shapley value"), "nucleolus": _("Nucleolus"), "nash": _("Nash solution")}


def name_of(player: str) -> str:
    """What a player is called."""
    return str(wording.PLAYERS.get(player, player))


def million(fen: int) -> float:
    """Fen as millions of yuan."""
    return wording.million_yuan(fen) or 0.0


def payoff_columns() -> list[Column]:
    """Each rule's share, what prices alone give, and the transfer that makes up the difference to the Shapley value."""
    found = [Column("player", _("Player"))]
    found += [Column(rule, label, kind=Cell.NUMBER) for rule, label in rule_names().items()]
    return [
        *found,
        Column("settlement", _("At the prices alone"), kind=Cell.NUMBER),
        *[
            Column(f"transfer_{rule}", _("Transfer for {rule}").format(rule=rule_names()[rule]), kind=Cell.NUMBER)
            for rule in RULES[:2]
        ],
    ]


def payoff_rows(game: GameResult) -> list[dict[str, Any]]:
    """A row a player, millions of yuan."""
    rows = []
    for i, player in enumerate(game.players):
        shares = {rule: game.payoffs[rule][i] for rule in (*RULES, "settlement")}
        transfers = {f"transfer_{rule}": million(shares[rule] - shares["settlement"]) for rule in RULES[:2]}
        rows.append({"player": name_of(player), **{rule: million(fen) for rule, fen in shares.items()}, **transfers})
    return rows


def value_columns() -> list[Column]:
    """What each coalition costs, saves, leaves unserved, curtails and emits."""
    labels = {
        "value": _("v(S), million yuan"), "cost": _("Cost, million yuan"), "unserved": _("Unserved, GWh"),
        "curtailed": _("Curtailed, GWh"), "co2": _("Carbon dioxide, kt"),
    }  # fmt: skip
    return [
        Column("coalition", _("Coalition")),
        *[Column(name, label, kind=Cell.NUMBER) for name, label in labels.items()],
    ]


def value_rows(game: GameResult) -> list[dict[str, Any]]:
    """A row a coalition, the largest last."""
    rows = []
    for mask in sorted(range(1, len(game.values_fen)), key=lambda mask: (mask.bit_count(), mask)):
        cost = game.costs[mask]
        rows.append({
            "coalition": wording.coalition(mask, game.players), "value": million(game.values_fen[mask]),
            "cost": million(cost["fen"]), "unserved": wording.thousand(Decimal(cost["unserved_mwh"])),
            "curtailed": wording.thousand(Decimal(cost["curtailed_mwh"])), "co2": wording.thousand(Decimal(cost["co2_t"])),
        })  # fmt: skip
    return rows


def saved_energy(game: GameResult) -> dict[str, float]:
    """MWh and tonnes that all together save against everybody alone, in thousands."""
    alone = [game.costs[1 << i] for i in range(len(game.players))]
    names = {"unserved": "unserved_mwh", "curtailed": "curtailed_mwh", "tonnes": "co2_t"}
    return {
        name: wording.thousand(sum((Decimal(cost[key]) for cost in alone), Decimal(0)) - Decimal(game.costs[-1][key]))
        for name, key in names.items()
    }


def stable(game: GameResult, rule: str) -> bool:
    """Whether a rule's payoffs lie in the core: no coalition gains by leaving, beyond what rounding to fen moves."""
    payoff = game.payoffs[rule]
    return all(
        sum(fen for i, fen in enumerate(payoff) if mask >> i & 1) >= value - ROUNDED
        for mask, value in enumerate(game.values_fen)
    )


def levels_of(game: GameResult) -> list[dict[str, Any]]:
    """The certificate of the nucleolus in words: each level of complaint and who complains that much."""
    return [
        {
            "excess": million(level["excess_fen"]),
            "coalitions": [wording.coalition(mask, game.players) for mask in level["coalitions"]],
            "weights": ", ".join(level["weights"]),
        }
        for level in game.certificate
    ]


def sensitivity_columns(game: GameResult) -> list[Column]:
    """The value of lost load, the whole gain, and each player's share of it."""
    shares = [Column(f"p{i}", name_of(player), kind=Cell.NUMBER) for i, player in enumerate(game.players)]
    whole = Column("together", _("v(N), million yuan"), kind=Cell.NUMBER)
    return [Column("voll", _("Value of lost load, yuan/MWh"), kind=Cell.NUMBER), whole, *shares]


def sensitivity_rows(game: GameResult, games: list[GameResult]) -> list[dict[str, Any]]:
    """The divisions of the same case and baseline by their value of lost load, by the Shapley value."""
    return [
        {
            "voll": one.voll_fen // FEN, "together": million(one.values_fen[-1]),
            **{f"p{i}": million(fen) for i, fen in enumerate(one.payoffs["shapley"])},
        }
        for one in sorted(games, key=lambda one: one.voll_fen)
        if one.baseline == game.baseline
    ]  # fmt: skip
