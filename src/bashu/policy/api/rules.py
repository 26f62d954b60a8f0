"""Rules, results, choices, what-if and kept runs under /api/v1/policy."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from ninja.pagination import paginate

from bashu.kernel.errors import Malformed
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.kernel.web.api import Paged
from bashu.kernel.web.requests import actor_of, command_of
from bashu.policy.api.rules_schemas import (
    ChooseIn,
    EvaluateIn,
    ExplanationOut,
    KeptRunOut,
    LevyOut,
    RulesOut,
    SampleItemOut,
    WhatIfIn,
    WhatIfOut,
)
from bashu.policy.engine.checks import contradictions
from bashu.policy.engine.explain import cited
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import compile_levies
from bashu.policy.engine.periods import period as period_of
from bashu.policy.engine.wording import in_words
from bashu.policy.errors import ReplayDiffers
from bashu.policy.formats.catalogue import read_projects
from bashu.policy.formats.entities import Entities, read_entities
from bashu.policy.formats.published import published
from bashu.policy.formats.schema import exact
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.results import choice_results, levy_results
from bashu.policy.selectors import library, runs, studies
from bashu.policy.services.runs import run_save

router = Router()
ROWS = 100
EXPLAINED = 1000
Kind = Literal["rules", "catalogue", "entities", "projects"]


@contextmanager
def reading(place: str) -> Iterator[None]:
    """What cannot be read or computed is malformed (422), with its first faults."""
    try:
        yield
    except FileFaults as fault:
        raise Malformed(place=place, problem="; ".join(fault.faults[:10])) from None
    except (RuleFault, ValueError) as fault:
        raise Malformed(place=place, problem=str(fault)) from None


def entities_of(said: list[dict[str, Any]], on_period: str) -> Entities:
    """Entities of a request, checked for contradictions."""
    rules = library.shipped()
    told = read_entities((json.dumps(entity) for entity in said), rules, "entities")
    for index, check in contradictions(rules, told.population, period_of(on_period).start):
        raise RuleFault(f"entities:{told.lines[index]}: {check.label['en']}")
    return told


@router.get("/rules", response=RulesOut, summary="The shipped rules and the sample catalogue")
def rules(request: HttpRequest) -> Any:
    """Levies with the numbers in force today, support items, delegations and quotas; each with status and source."""
    read = library.shipped()
    given = [
        {
            "id": one.id, "area": one.area, "label": one.label, "side": one.side, "holder": one.holder, "powers": one.powers,
            "divisions": one.divisions, "valid_from": one.start, "valid_to": one.end, "status": one.status, "source": one.source,
        }
        for one in read.delegations.values()
    ]  # fmt: skip
    quotas = [
        {
            "id": one.id, "area": one.area, "label": one.label, "unit": one.unit,
            "versions": [cited(version, read) for version in one.versions],
        }
        for one in read.quotas.values()
    ]  # fmt: skip
    areas = [
        {"id": area.id, "label": area.label, "quote": area.quote, "status": area.status} for area in read.areas.values()
    ]
    levies = [levy_out(name) for name in read.levies]
    return RulesOut(
        catalogue=read.name,
        digest=read.digest,
        areas=areas,
        levies=levies,
        items=items_out(),
        delegations=given,
        quotas=quotas,
    )


def levy_out(name: str) -> LevyOut:
    """One levy."""
    read, today = library.shipped(), clock.today()
    levy = read.levies[name]
    numbers = [
        {
            "parameter": sides.parameter.id, "label": sides.parameter.label, "unit": sides.parameter.unit, "lower": sides.lower,
            "CQ": cited(sides.cq, read) if sides.cq else None, "SC": cited(sides.sc, read) if sides.sc else None,
        }
        for sides in library.numbers_of(levy, read, today)
    ]  # fmt: skip
    return LevyOut(
        id=levy.id, area=levy.area, kind=levy.kind, label=dict(levy.label), comparand=levy.comparand,
        base={language: in_words(levy.base, read, language) for language in ("zh", "en")}, decided_by=dict(levy.setter),
        valid_from=levy.start, valid_to=levy.end, numbers=numbers, written=library.excerpt(levy.place, library.shipped_texts()),
    )  # fmt: skip


def items_out() -> list[SampleItemOut]:
    """The catalogue's items."""
    read, text = library.offers(), library.sample_text()
    topics = {item.id: item.topic for item in read.catalogue.items}
    return [
        SampleItemOut(
            id=item.id, province=item.province, topic=topics[item.id], area=item.area, label=dict(item.label), status=item.status,
            written=library.excerpt(item.place, text),
        )
        for item in read.items
    ]  # fmt: skip


@router.get("/schemas/{kind}", response=dict[str, Any], summary="The JSON Schema of a kind of file")
def schema(request: HttpRequest, kind: Kind) -> Any:
    """As `bashu policy schema` prints it."""
    return published(kind, library.shipped())


@router.post("/evaluate", response=list[dict[str, Any]], summary="Levies of entities under both provinces' rules")
def evaluate(request: HttpRequest, asked: EvaluateIn) -> Any:
    """One object for each entity and item, as `bashu policy evaluate` answers. Nothing is kept."""
    with reading("entities"):
        compiled = compile_levies(library.shipped(), period_of(asked.period))
        told = entities_of(asked.entities, asked.period)
        return list(levy_results(compiled, told.population, why=asked.explain))


@router.post("/choose", response=list[dict[str, Any]], summary="The best set of support items of each project")
def choose(request: HttpRequest, asked: ChooseIn) -> Any:
    """One object for each project, as `bashu policy choose` answers, from the sample catalogue. Nothing is kept."""
    offers = library.offers()
    with reading("projects"):
        lines = [json.dumps(project) for project in asked.projects]
        return list(choice_results(offers, read_projects(lines, offers, asked.on or clock.today(), "projects")))


@router.post("/whatif", response=WhatIfOut, summary="What a changed number would do")
def whatif(request: HttpRequest, asked: WhatIfIn) -> Any:
    """Winners, losers, cost, distribution and places, over given entities, profiles one may see, or made-up ones. Nothing is kept."""
    with reading("change"):
        change = {**asked.change.model_dump(), "value": str(exact(asked.change.value))}
        if asked.entities is not None:
            told = entities_of(asked.entities, asked.period)
        elif asked.population == "profiles":
            with seen_by(actor_of(request)):
                told = studies.profiled()
        else:
            told = studies.made_up()
        found = studies.study(library.shipped(), studies.change_of(change), asked.period, told)
    rows = [
        {"entity": row.entity, "place": row.place, "before_fen": row.before, "after_fen": row.after}
        for row in found.rows[:ROWS]
    ]
    return WhatIfOut(**found.figures, rows=rows)


@router.get("/runs", response=list[KeptRunOut], summary="Kept runs of one's own organisation and one's side")
@paginate(Paged)
def run_list(request: HttpRequest) -> Any:
    """Newest first."""
    return runs.run_list()


@router.post("/runs", response={201: KeptRunOut}, summary="Evaluate entities and keep the run")
def run_new(request: HttpRequest, asked: EvaluateIn) -> Any:
    """The rule files, each entity's facts and its results are kept; the journal holds their digests."""
    lines = b"".join(json.dumps(entity, ensure_ascii=False).encode() + b"\n" for entity in asked.entities)
    ctx = command_of(request)
    run = run_save(ctx=ctx, rules=library.shipped_texts(), entities=lines, period=asked.period, file="entities")
    return Status(201, run)


@router.get("/explain", response=ExplanationOut, summary="A kept run, or a part of it, explained")
def explain(request: HttpRequest, id: str, verify: bool = False) -> Any:  # noqa: A002 (the address says id)
    """`id`: RUN, RUN/ENTITY or RUN/ENTITY/ITEM. With `verify` it is computed again; 409 when anything differs. At most 1000 results."""
    with seen_by(actor_of(request)), reading("rules"):
        found = runs.referred(id)
        if verify and (differing := list(islice(runs.differences(found), ROWS))):
            raise ReplayDiffers(count=len(differing), differences=differing)
        results = list(islice(runs.explained(found), EXPLAINED))
    return {"run": found.run, "verified": True if verify else None, "results": results}
