"""The one write of this room: bringing the database in line with the shipped facts, as the owner, at every upgrade."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from django.db import models, transaction

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.commands.models import Record
from bashu.kernel.places.models import CodeChange, Place, PlaceGroup, PlaceGroupMember

FACTS = Path(__file__).parent / "facts"
READ_AS = {
    "lat": lambda text: float(text) if text else None,
    "lon": lambda text: float(text) if text else None,
    "valid_from": date.fromisoformat,
    "valid_to": lambda text: date.fromisoformat(text) if text else None,
    "changed_on": date.fromisoformat,
    "as_of": date.fromisoformat,
}


class Loaded(NamedTuple):
    """What a load did: rows added, rows changed, and rows of the database that the files do not have (left alone)."""

    added: int
    changed: int
    absent: int


@command("places.facts.write", roles={Role.COORDINATOR})
def facts_write(*, ctx: Command, files: dict[str, str]) -> dict[str, int]:
    """Bring places in line with the shipped files; one journal entry names each file's digest. `bashu upgrade` calls it.

    files: name to SHA-256, as `facts_digests` gives them. The caller takes the idempotency key from them, so that files
    loaded before are not loaded, nor journalled, again.
    """
    loaded = facts_load()
    first = Place.objects.order_by("code", "valid_from").first()
    assert first is not None
    ctx.append(subject=first, before=None, after={"files": files, **loaded._asdict()}, public=True)
    return loaded._asdict()


def facts_digests(folder: Path = FACTS) -> dict[str, str]:
    """The SHA-256 of each shipped file."""
    return {
        file.name: sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir()) if file.suffix == ".csv"
    }


@transaction.atomic
def facts_load(*, folder: Path = FACTS) -> Loaded:
    """Add and change divisions, code changes and groups until they equal the files of a folder; all or nothing.

    A second load changes nothing. Rows are never removed: other records may point at them.
    Runs as the database's owner; the application may not write places.
    """
    done = [
        _bring_in_line(Place, ("code", "valid_from"), _divisions(_rows(folder / "divisions.csv"))),
        _bring_in_line(CodeChange, ("old_code", "new_code", "changed_on"), _rows(folder / "code_history.csv")),
        _bring_in_line(PlaceGroup, ("slug",), _groups(_rows(folder / "groups.csv"))),
        _bring_in_line(PlaceGroupMember, ("group", "place"), _members(_rows(folder / "group_members.csv"))),
    ]
    return Loaded(*(sum(counts) for counts in zip(*done, strict=True)))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """A file's rows with dates and numbers read."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {name: READ_AS[name](text) if name in READ_AS else text for name, text in row.items()}


def _divisions(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Divisions with their parent's record: first jurisdictions, then prefectures, so that it is there."""
    parents: dict[str, Place] = {}
    for row in sorted(rows, key=lambda row: (not row["code"].endswith("0000"), not row["code"].endswith("00"))):
        code = row["parent"]
        if code and code not in parents:
            parents[code] = Place.objects.get(code=code, valid_to=None)
        yield {**row, "parent": parents.get(code)}


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for position, row in enumerate(rows):
        yield {"slug": row.pop("group_id"), "position": position, **row}


def _members(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Members with their group's record, and their place's as it was on the day of the source."""
    for row in rows:
        place = Place.objects.on(row.pop("as_of")).get(code=row.pop("code"))
        yield {"group": PlaceGroup.objects.get(slug=row.pop("group_id")), "place": place, **row}


def _bring_in_line(model: type[models.Model], key: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> Loaded:
    """Create the rows whose key is new, update those that differ, leave the others."""
    manager = model._default_manager
    here = {tuple(getattr(record, name) for name in key): record for record in manager.all()}
    added = changed = 0
    for row in rows:
        record = here.pop(tuple(row[name] for name in key), None)
        if record is None:
            manager.create(**row)
            added += 1
            continue
        differing = {name: value for name, value in row.items() if getattr(record, name) != value}
        if not differing:
            continue
        changed += 1
        if isinstance(record, Record):
            record.revise(**differing)
        else:
            manager.filter(pk=record.pk).update(**differing)
    return Loaded(added, changed, len(here))
