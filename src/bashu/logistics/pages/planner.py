"""The planner: a question, the options as table, chart and map, and a quote under each that can be booked."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.errors import BashuError
from bashu.kernel.web import clock
from bashu.kernel.web.templatetags.bashu import Dot, Line, Stop
from bashu.logistics import readiness, wording
from bashu.logistics.engine.network import moment_of
from bashu.logistics.errors import EngineWarming
from bashu.logistics.pages.asking import FEN, AskForm
from bashu.logistics.places import places_suggest
from bashu.logistics.quotes import quoted
from bashu.logistics.selectors import planner as asking
from bashu.logistics.selectors.answers import answer_out
from bashu.logistics.selectors.network import network_current
from bashu.logistics.selectors.routes import Answer, zone_of
from bashu.logistics.terms import HORIZON, QUOTE_MINUTES

KG = 1000  # grams
DAY = timedelta(days=1)
ORDERS = {"cost": "cost_fen", "arrival": "arrives_at", "price": "price_fen", "emissions": "gco2e"}
TONES = {"road": 5, "rail": 1, "rail1520": 6, "river": 3, "sea": 2, "air": 4}


def planner(request: HttpRequest) -> HttpResponse:
    """Ways from a place to another; the question stands in the address, so that an answer can be passed on."""
    now = clock.now()
    folder = network_current()
    question = request.GET if {"origin", "destination"} <= set(request.GET) else None
    form = AskForm(question, hubs=folder.hubs, today=timezone.localdate(now), origin=request.GET.get("origin", ""))
    context: dict[str, Any] = {"form": form, "folder": folder, "horizon": HORIZON}
    if question is None:
        return render(request, "logistics/planner.html", context)
    if not form.is_valid():
        return render(request, "logistics/planner.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        readiness.need()
        answer = asking.options(**form.asked())
        last = form.latest()
        latest = asking.last_departure(**last)[0] if last else None
    except EngineWarming as error:
        return warming(request, error, context)
    except BashuError as error:
        form.refuse(error)
        return render(request, "logistics/planner.html", context, status=error.status)
    context |= answered(request, answer, form, now)
    if last:
        zone = zone_of(answer.folder, answer.origin)
        context |= {
            "deadline": True,
            "latest": None if latest is None else moment_of(latest, zone).replace(tzinfo=None),
        }
    return render(request, "logistics/planner.html", context)


def suggestions(request: HttpRequest) -> HttpResponse:
    """Places that what was typed may become, as options of a list."""
    text = request.GET.get("origin") or request.GET.get("destination") or ""
    found = places_suggest(text[:100], network_current().hubs, as_of=clock.today())
    return render(request, "logistics/_suggestions.html", {"found": [(one, wording.name_of(one)) for one in found]})


def warming(request: HttpRequest, error: EngineWarming, context: dict[str, Any]) -> HttpResponse:
    """503 with the question kept; the browser asks again by itself."""
    response = render(request, "logistics/planner.html", {**context, "warming": str(error)}, status=error.status)
    response["Retry-After"] = str(error.context["seconds"])
    response["Refresh"] = str(error.context["seconds"])
    return response


def answered(request: HttpRequest, answer: Answer, form: AskForm, now: datetime) -> dict[str, Any]:
    """What the page shows of an answer."""
    order = ORDERS.get(request.GET.get("sort", ""), "cost_fen")
    told = sorted(
        answer_out(answer), key=lambda option: instant(option[order]) if order == "arrives_at" else option[order]
    )
    asked = request.GET.get("option", "1")
    chosen = int(asked) if asked.isdecimal() and 1 <= int(asked[:6]) <= len(told) else 1
    rows = [
        option_row(answer, quoted(option, form.cargo, now), number, address(request, option=number), chosen == number)
        for number, option in enumerate(told, start=1)
    ]
    names = {"origin": wording.name_of(answer.origin), "destination": wording.name_of(answer.destination)}
    return {
        "answer": answer, "rows": rows, "dots": [row["dot"] for row in rows], "names": names,
        "until": now + timedelta(minutes=QUOTE_MINUTES), "order": order,
        "orders": [(name, field, address(request, sort=name, option=None)) for name, field in ORDERS.items()],
        "boundaries": reverse("programme:boundaries"), "status": told[0]["network"]["status"] if told else "assumed",
        **(drawn(answer, told[chosen - 1]) if told else {}), "chosen": chosen,
    }  # fmt: skip


def option_row(
    answer: Answer, option: dict[str, Any], number: int, url: str, chosen: bool
) -> dict[str, Any]:  # fmt: skip
    """One option as the table shows it."""
    left, arrives = instant(option["departs_at"]), instant(option["arrives_at"])
    named = namer(answer)
    yuan, kg = option["price_fen"] / FEN, option["gco2e"] / KG
    carried = [leg for leg in option["legs"] if leg["mode"] != "handling"]
    return {
        "yuan_said": money(yuan), "kg_said": f"{kg:,.0f}", "cost_said": money(option["cost_fen"] / FEN),
        "number": number, "chosen": chosen, "quote": option["quote"], "url": f"{url}#options", "departs": clock_of(option["departs_at"]),
        "arrives": clock_of(option["arrives_at"]), "days": (arrives - left) / DAY, "yuan": yuan, "kg": kg,
        "start": named(option["legs"][0]["from"]),
        "way": [(wording.MODES[leg["mode"]], named(leg["to"])) for leg in carried],
        "legs": [leg_row(answer, leg) for leg in option["legs"]],
        "dot": Dot(str(number), arrives, yuan, kg, f"{url}#options", chosen),
    }  # fmt: skip


def leg_row(answer: Answer, leg: dict[str, Any]) -> dict[str, Any]:
    """One leg, with the handling and storage before it."""
    named, before = namer(answer), leg["handling"]
    stored = before and {
        "at": named(before["at"]), "arrived": clock_of(before["arrived_at"]), "begins": clock_of(before["begins_at"]),
        "ready": clock_of(before["ready_at"]), "yuan": money(before["price_fen"] / FEN), "days": before["storage_days"],
        "storage": money(before["storage_fen"] / FEN), "kg": kilograms(before["gco2e"]),
        "waited": before["begins_at"] != before["arrived_at"],
    }  # fmt: skip
    carriage = leg["price_fen"] - (before["price_fen"] + before["storage_fen"] if before else 0)
    service = {"name_zh": leg["service_zh"], "name_en": leg["service_en"]}
    return {
        "handling": stored, "carried": leg["mode"] != "handling", "mode": wording.MODES[leg["mode"]],
        "service": wording.name_of(service) if leg["service"] else "", "trip": leg["trip"], "from": named(leg["from"]),
        "to": named(leg["to"]), "departs": clock_of(leg["departs_at"]), "arrives": clock_of(leg["arrives_at"]),
        "cutoff": clock_of(leg["cutoff_at"]) if leg["cutoff_at"] else "", "yuan": money(carriage / FEN),
        "kg": kilograms(leg["gco2e"] - (before["gco2e"] if before else 0)),
    }  # fmt: skip


def drawn(answer: Answer, option: dict[str, Any]) -> dict[str, Any]:
    """The chosen option on the map."""
    named, where = namer(answer), positions(answer)
    carried = [leg for leg in option["legs"] if leg["mode"] != "handling"]
    codes = [carried[0]["from"], *(leg["to"] for leg in carried)]
    hubs = {hub.code for hub in answer.folder.hubs}
    stops = [
        Stop(named(code), *where[code], url=reverse("logistics:hub", args=[code]) if code in hubs else "")
        for code in dict.fromkeys(codes)
    ]
    lines = [
        Line(
            str(wording.MODES[leg["mode"]]), where[leg["from"]], where[leg["to"]], f"{named(leg['from'])} → {named(leg['to'])}",
            tone=TONES[leg["mode"]], share=0.5,
        )
        for leg in carried
    ]  # fmt: skip
    used = dict.fromkeys(leg["mode"] for leg in carried)
    return {"stops": stops, "lines": lines, "modes": {TONES[mode]: wording.MODES[mode] for mode in used}}


def namer(answer: Answer) -> Any:
    """A function from a code of the answer to a name."""
    names = {hub.code: wording.name_of(hub) for hub in answer.folder.hubs}
    names |= {where.code: wording.name_of(where) for where in (answer.origin, answer.destination) if not where.hubs}
    return names.__getitem__


def positions(answer: Answer) -> dict[str, tuple[float, float]]:
    """Longitude and latitude by code."""
    return {
        **{where.code: (where.lon, where.lat) for where in (answer.origin, answer.destination)},
        **{hub.code: (hub.lon, hub.lat) for hub in answer.folder.hubs},
    }


def address(request: HttpRequest, **changes: Any) -> str:
    """This question's address with parts changed; None takes a part out."""
    query = {key: value for key, value in request.GET.items() if key not in changes}
    query |= {key: value for key, value in changes.items() if value is not None}
    return f"?{urlencode(query)}"


def instant(text: str) -> datetime:
    """A moment of an answer."""
    return datetime.fromisoformat(text)


def clock_of(text: str) -> str:
    """A moment as the place's clock shows it; where that is not the region's, with its offset from UTC."""
    moment = instant(text)
    offset = moment.strftime("%z")
    shown = moment.strftime("%Y-%m-%d %H:%M")
    return shown if offset == "+0800" else f"{shown} ({_('UTC')}{offset[:3]}:{offset[3:]})"


def money(yuan: float) -> str:
    """Yuan and fen, thousands grouped."""
    return f"{yuan:,.2f}"


def kilograms(grams: int) -> str:
    """Kilograms with one decimal, thousands grouped."""
    return f"{grams / KG:,.1f}"
