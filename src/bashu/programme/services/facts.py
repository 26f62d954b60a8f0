"""Loading the shipped facts: the same rows every time, changed only when the facts change."""

from hashlib import sha256
from importlib.resources import files
from typing import Any

from django.utils import timezone

from bashu.kernel.commands.actor import Actor, Role
from bashu.kernel.commands.command import Command, command, plain
from bashu.kernel.commands.models import Record
from bashu.kernel.journal.engine.canonical import canonical
from bashu.programme.formats.facts import Fact as FactRow
from bashu.programme.formats.facts import ProgrammeFacts, TargetFact, read_programme
from bashu.programme.models import Body, Count, Document, Source, Statement, Target, Task, Unknown


def facts_load(actor: Actor) -> None:
    """Load or bring up to date what the documents say; run by `bashu upgrade`. The same facts are written, and journalled, once."""
    facts = programme_rows(read_programme(files("bashu.programme") / "facts"))
    key = "facts:" + sha256(canonical(plain(facts))).hexdigest()
    facts_write(ctx=Command(actor=actor, now=timezone.now(), key=key), facts=facts)


def programme_rows(programme: ProgrammeFacts) -> dict[str, list[dict[str, Any]]]:
    """The facts as plain rows by table, in the order in which rows may point at each other."""
    posts: dict[str, list[list[str]]] = {}
    for post in programme.posts:
        posts.setdefault(post.body, []).append([post.name, post.name_en])
    owned = "document systems owners"
    return {
        "source": [
            {"code": source.id, **fields(source, "publisher publisher_en title title_en published note note_en")}
            for source in programme.sources
        ],
        "body": [
            {**cited(body), **fields(body, "side kind"), "posts": posts.get(body.id, [])} for body in programme.bodies
        ],
        "document": [{**cited(row), **fields(row, "role systems owners")} for row in programme.documents],
        "statement": [
            *(
                {**cited(row), "group": "meeting", "value": told(row), **fields(row, "unit unit_en")}
                for row in programme.statements
            ),
            *({**cited(row), "group": row.group} for row in programme.elements),
        ],
        "target": [target_row(row) for row in programme.targets],
        "count": [
            {**cited(row), **fields(row, "document basis stated unit unit_en children")} for row in programme.counts
        ],
        "task": [
            *(
                {**cited(row), "kind": "task", **fields(row, f"group number {owned} said_by")}
                for row in programme.tasks
            ),
            *(
                {**cited(row), "kind": "project", "group": row.kind, **fields(row, f"{owned} said_by")}
                for row in programme.projects
            ),
        ],
        "unknown": [{**cited(row), **fields(row, "about missing")} for row in programme.unknowns],
    }


def target_row(row: TargetFact) -> dict[str, Any]:
    """A target as its table has it; a qualitative one has neither measure nor operator."""
    words = ("kind", "measure", "operator", "operator_basis", "deadline_basis")
    return {
        **cited(row),
        **fields(row, "document systems value unit unit_en start deadline deadline_words operator_words owners"),
        **{name: str(getattr(row, name) or "") for name in words},
        "counts_enterprises": row.enterprises,
    }


def fields(row: object, names: str) -> dict[str, Any]:
    """Some fields of a row; None stands for an empty text where the table has one."""
    return {name: plain_or_empty(name, getattr(row, name)) for name in names.split()}


def plain_or_empty(name: str, value: Any) -> Any:
    """Tuples as lists; an absent text as an empty one."""
    if value is None and name in {"note", "note_en", "unit", "unit_en", "deadline_words", "operator_words"}:
        return ""
    return list(value) if isinstance(value, tuple) else value


def cited(row: FactRow) -> dict[str, Any]:
    """What every fact carries."""
    return {
        "code": row.id, "name_zh": row.name, "name_en": row.name_en, "quote": row.quote, "also": list(row.also),
        "source": row.source, "status": str(row.status), "valid_from": row.valid_from,
        "note": row.note or "", "note_en": row.note_en or "",
    }  # fmt: skip


def told(row: Any) -> str:
    """The number, day or place in a statement, as text."""
    return str(next((value for value in (row.value, row.on, row.place) if value is not None), ""))


TABLES: dict[str, Any] = {
    "body": Body, "document": Document, "statement": Statement, "target": Target, "count": Count, "task": Task, "unknown": Unknown,
}  # fmt: skip
POINTERS: dict[str, Any] = {"document": Document, "said_by": Body, "source": Source}


@command("programme.facts.write", roles={Role.COORDINATOR, Role.OPERATOR})
def facts_write(*, ctx: Command, facts: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    """Insert new facts and change altered ones; a fact no longer shipped stays as it is. One entry for the whole batch."""
    for row in facts["source"]:
        Source.objects.update_or_create(code=row["code"], defaults=row)
    written = {"added": 0, "changed": 0}
    anything: Record | None = None
    for table, model in TABLES.items():
        standing = {record.code: record for record in model.objects.all()}
        for row in facts[table]:
            record, outcome = fact_write(model, standing.get(row["code"]), dict(row))
            anything = record
            if outcome:
                written[outcome] += 1
    assert anything is not None
    ctx.append(subject=anything, before=None, after={"facts": facts, **written}, public=True)
    return written


def fact_write(model: Any, record: Any, row: dict[str, Any]) -> tuple[Record, str | None]:
    """Write one fact; says whether it was added, changed or (None) stood so already."""
    owners = row.pop("owners", None)
    for name in POINTERS.keys() & row.keys():
        key = row.pop(name)
        row[f"{name}_id"] = key if name == "source" or key is None else POINTERS[name].objects.get(code=key).pk
    outcome = None
    if record is None:
        record, outcome = model.objects.create(**row), "added"
    elif any(getattr(record, name) != value for name, value in row.items()):
        record.revise(**row)
        outcome = "changed"
    if owners is not None:
        record.owners.set(Body.objects.filter(code__in=owners))
    return record, outcome
