"""Reading kept runs, explaining them, and replaying them from the rule files and facts that were kept with them."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from bashu.kernel.commands.command import label_of
from bashu.kernel.errors import NotFound
from bashu.kernel.journal.selectors import entry_list
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import Compiled, compile_levies
from bashu.policy.engine.periods import period as period_of
from bashu.policy.formats.entities import read_entities
from bashu.policy.formats.rule_files import rules_of_texts
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import EvaluatedEntity, EvaluationRun, WhatIfStudy
from bashu.policy.results import KEPT, canonical, levy_results, row_digest, run_digest

BATCH = 2000
UUID_LENGTH = 36


class Reference(NamedTuple):
    """What an identifier names: a run, or one entity of it, or one item of that: `RUN`, `RUN/ENTITY`, `RUN/ENTITY/ITEM`."""

    run: EvaluationRun
    entity: str | None = None
    item: str | None = None

    def rows(self) -> QuerySet[EvaluatedEntity]:
        """The kept rows that are meant, in the file's order."""
        rows = self.run.evaluated.order_by("number")
        return rows if self.entity is None else rows.filter(entity=self.entity)


def run_list() -> QuerySet[EvaluationRun]:
    """Runs that the viewer may see, newest first."""
    return EvaluationRun.objects.select_related("organisation").order_by("-id")


def study_list() -> QuerySet[WhatIfStudy]:
    """What-if studies that the viewer may see, newest first, without their bulk."""
    return WhatIfStudy.objects.select_related("organisation").defer("entities", "table").order_by("-id")


def referred(text: str) -> Reference:
    """What an identifier names, as the viewer may see it. Raises NotFound (404)."""
    try:
        number = UUID(text[:UUID_LENGTH])
    except ValueError:
        raise NotFound from None
    run = EvaluationRun.objects.filter(public_id=number).first()
    rest = text[UUID_LENGTH:]
    if run is None or (rest and not rest.startswith("/")):
        raise NotFound
    if not rest:
        return Reference(run)
    entity, item = rest[1:], None
    if not run.evaluated.filter(entity=entity).exists():
        entity, _, item = entity.rpartition("/")
        if item not in run.items or not run.evaluated.filter(entity=entity).exists():
            raise NotFound
    return Reference(run, entity, item)


def compiled_again(run: EvaluationRun) -> Compiled:
    """The rules of a run, compiled from the words that were kept. Raises FileFaults, RuleFault when these were altered."""
    return compile_levies(rules_of_texts(run.rules.files), period_of(run.period))


def explained(reference: Reference) -> Iterator[dict[str, Any]]:
    """Each kept result with what it rests on, computed again: as `evaluate --explain` prints it, with `id` and `inputs`."""
    compiled, rows = compiled_again(reference.run), reference.rows().iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        by_id = {row.entity: row for row in batch}
        told = read_entities((row.line.encode() for row in batch), compiled.rules, reference.run.file)
        for result in levy_results(compiled, told.population, why=True):
            if reference.item in (None, result["item"]):
                name = f"{reference.run.public_id}/{result['entity']}/{result['item']}"
                yield {"id": name, **result, "inputs": json.loads(by_id[result["entity"]].line)}


def differences(reference: Reference) -> Iterator[str]:
    """What differs between a run as it was kept and the same run computed again: nothing when it replays to the same fen.

    Compared are: the rule files with their digest, each row with its digest, all rows with the run's digest, the run with its
    journal entry, and every result named by the reference with the one computed now.
    """
    run = reference.run
    yield from altered(run)
    try:
        compiled = compiled_again(run)
    except (FileFaults, RuleFault) as fault:
        yield f"rule files: they can no longer be read: {fault}"
        return
    if compiled.rules.digest != run.rules_id:
        yield f"rule files: their digest is {compiled.rules.digest}, the run was computed with {run.rules_id}"
    rows = reference.rows().iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield from replayed(compiled, batch, reference)


def altered(run: EvaluationRun) -> Iterator[str]:
    """What of a run is not as the journal says."""
    kept = [bytes(digest) for digest in run.evaluated.order_by("number").values_list("digest", flat=True)]
    if len(kept) != run.entities:
        yield f"run: it has {len(kept)} entities, {run.entities} were kept"
    if (found := run_digest(kept)) != run.digest:
        yield f"run: the digest of its rows is {found}, {run.digest} was kept"
    entry = entry_list(subject=label_of(run), kind="policy.run.save").last()
    if entry is None:
        yield "run: the journal has no entry of it"
        return
    body = getattr(entry, "body", None)
    said = json.loads(body.content)["after"] if body is not None and body.content else None
    if said is None:
        return  # erased, or not the viewer's to read: the entry's own digest still stands in the journal
    now = {
        "rules": run.rules_id,
        "results": run.digest,
        "period": run.period,
        "items": run.items,
        "entities": run.entities,
    }
    for name, value in now.items():
        if said.get(name) != value:
            yield f"run: {name} is {value}, the journal says {said.get(name)}"


def replayed(compiled: Compiled, batch: list[EvaluatedEntity], reference: Reference) -> Iterator[str]:
    """What differs in some entities of a run."""
    for row in batch:
        if row_digest(row.line, canonical(row.results)) != bytes(row.digest):
            yield f"{row.entity}: the row does not have the digest that was kept with it"
    try:
        told = read_entities((row.line.encode() for row in batch), compiled.rules, reference.run.file)
    except FileFaults as fault:
        yield f"facts: they can no longer be read: {fault}"
        return
    kept = {row.entity: row.results for row in batch}
    for name in kept.keys() - set(told.population.ids):
        yield f"{name}: the facts kept with it speak of another entity"
    for result in levy_results(compiled, told.population):
        if reference.item not in (None, result["item"]):
            continue
        was = kept.get(result["entity"], {}).get(result["item"]) or [None] * len(KEPT)
        for key, saved in zip(KEPT, was, strict=True):
            if result[key] != saved:
                yield f"{result['entity']}, {result['item']}: {key} was saved as {saved}, replayed {result[key]}"
