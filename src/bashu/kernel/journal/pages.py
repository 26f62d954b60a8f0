"""The journal's pages: what was written, whether it is sealed, and how anyone can prove it."""

from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from bashu.kernel.journal import selectors
from bashu.kernel.journal.api import entry_get
from bashu.kernel.journal.engine import merkle
from bashu.kernel.web.table import Column, Table


def sequence_of(entry: object) -> object:
    """An entry's number in the tree, a dash until it is sealed."""
    leaf = getattr(entry, "leaf", None)
    return leaf.sequence if leaf else "–"


ENTRIES = [
    Column("number", _("Number"), value=sequence_of, sort=False, link="get_absolute_url"),
    Column("time", _("Time"), value=lambda entry: entry.time[:19].replace("T", " ") + "Z", sort=False),
    Column("kind", _("Kind"), search=True, sort=False),
    Column("subject", _("Subject"), search=True, sort=False),
    Column("organisation_name", _("Organisation"), search=True, sort=False),
]


def overview(request: HttpRequest) -> HttpResponseBase:
    """State of the tree, and the entries, newest first."""
    entries = selectors.entry_list(subject=request.GET.get("subject"), kind=request.GET.get("kind"))
    table = Table(ENTRIES, entries, request, name="journal")
    exported = table.export()
    if exported:
        return exported
    context = {
        "table": table, "size": selectors.tree_size(), "unsealed": selectors.unsealed_count(),
        "checkpoint": selectors.checkpoint_latest(), "keys": selectors.public_keys(), "subject": request.GET.get("subject", ""),
    }  # fmt: skip
    return render(request, "journal/overview.html", context)


def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """One entry, what changed, and its proof, checked here and now."""
    found = entry_get(entry_id)
    leaf, body, checkpoint = getattr(found, "leaf", None), getattr(found, "body", None), selectors.checkpoint_latest()
    proof, proved = [], None
    if leaf is not None and checkpoint is not None and leaf.sequence < checkpoint.size:
        proof = selectors.inclusion(leaf.sequence, checkpoint.size)
        hashed = merkle.leaf_hash(found.header.encode())
        proved = merkle.verify_inclusion(hashed, leaf.sequence, checkpoint.size, proof, bytes(checkpoint.root))
    content = orjson.loads(body.content) if body and body.content else None
    context = {
        "entry": found, "leaf": leaf, "checkpoint": checkpoint, "proof": [step.hex() for step in proof], "proved": proved,
        "header": orjson.loads(found.header), "withheld": body is None, "erased": body is not None and content is None,
        "changes": list(differences(content)) if content else [],
    }  # fmt: skip
    return render(request, "journal/entry.html", context)


def differences(content: dict[str, dict[str, object] | None]) -> list[tuple[str, object, object]]:
    """What an entry changed, field by field: (name, before, after); what is empty on both sides says nothing."""
    before, after = content.get("before") or {}, content.get("after") or {}
    rows = [(name, worded(before.get(name)), worded(after.get(name))) for name in dict.fromkeys([*before, *after])]
    return [row for row in rows if row[1] or row[2]]


def worded(value: object) -> object:
    """A value as it stands in the body: text as it is, nothing as nothing, everything else as JSON."""
    return value if isinstance(value, str) or value is None else orjson.dumps(value).decode()
