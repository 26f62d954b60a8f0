"""Keeping runs of the rules: the rule files once, each entity's facts and results, digests of all in the journal."""

import io
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.db import connection

from bashu import __version__
from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Malformed
from bashu.policy.engine.checks import contradictions
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import compile_levies, evaluate
from bashu.policy.engine.periods import period as period_of
from bashu.policy.formats.entities import Entities, read_entities
from bashu.policy.formats.rule_files import rules_of_texts
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import EvaluationRun
from bashu.policy.results import kept_results, row_digest, run_digest

KEEPERS = frozenset(Role) - {Role.RESIDENT}
BATCH = 5000
KEEP_RULES = "INSERT INTO policy_rulefiles (digest, files) VALUES (%s, %s::jsonb) ON CONFLICT DO NOTHING"
KEEP_ROWS = """
    INSERT INTO policy_evaluatedentity (run_id, number, entity, line, results, digest)
    SELECT %s, number, entity, line, results::jsonb, digest
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::bytea[]) AS row (number, entity, line, results, digest)
"""
Row = tuple[int, str, str, str, bytes]


@command("policy.run.save", roles=KEEPERS)
def run_save(*, ctx: Command, rules: Mapping[str, str], entities: bytes, period: str, file: str) -> EvaluationRun:
    """Evaluate entities (JSON lines) under rule files (name → text) and keep all of it; the journal holds the digests.

    The run belongs to the organisation under whose grant it is made. Refuses (Malformed, 422) with the first fault of a file.
    """
    try:
        read = rules_of_texts(rules)
        compiled = compile_levies(read, period_of(period))
        told = read_entities(io.BytesIO(entities), read, file)
        for index, check in contradictions(read, told.population, compiled.period.start):
            raise RuleFault(f"{file}:{told.lines[index]}: {check.label['en']}")
    except FileFaults as found:
        raise Malformed(place=file, problem=found.faults[0]) from None
    except RuleFault as fault:
        raise Malformed(place=file, problem=str(fault)) from None
    outcomes = evaluate(compiled, told.population)
    lines = entities.split(b"\n")

    def rows() -> Iterator[Row]:
        kept = kept_results(outcomes, told.population)
        for number, (entity, results) in enumerate(zip(told.population.ids, kept, strict=True)):
            line = lines[told.lines[number] - 1].rstrip(b"\r").decode()
            yield number, entity, line, results, row_digest(line, results)

    rules_keep(read.digest, rules)
    run = EvaluationRun.objects.create(
        rules_id=read.digest, period=period, organisation_id=ctx.grant.organisation, jurisdiction=ctx.grant.jurisdiction,
        made_by=ctx.actor.label, made_at=ctx.now, file=file[-200:], engine=__version__,
        items=[outcome.plan.levy.id for outcome in outcomes if outcome.plan.parts],
        entities=len(told.population.ids), digest=run_digest(row[4] for row in rows()),
    )  # fmt: skip
    rows_keep(run, rows())
    ctx.append(subject=run, before=None, after={**digests(run, told), "input": entities})
    return run


def rules_keep(digest: str, texts: Mapping[str, str]) -> None:
    """Keep rule files unless these very words are kept already."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP_RULES, [digest, json.dumps(dict(texts), ensure_ascii=False)])


def rows_keep(run: EvaluationRun, rows: Iterator[Row]) -> None:
    """Write the entities of a run, some thousands in one statement."""
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            cursor.execute(KEEP_ROWS, [run.pk, *map(list, zip(*batch, strict=True))])


def digests(run: EvaluationRun, told: Entities) -> dict[str, Any]:
    """What the journal says of a run: digests, never an enterprise's figures."""
    return {
        "rules": run.rules_id,
        "results": run.digest,
        "period": run.period,
        "file": run.file,
        "engine": run.engine,
        "items": run.items,
        "entities": len(told.population.ids),
    }
