"""The journal under /api/v1/journal: everything a stranger needs to prove that nothing was altered."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from bashu.kernel.errors import Malformed, NotFound
from bashu.kernel.journal import selectors
from bashu.kernel.journal.cli import VERIFIER
from bashu.kernel.journal.errors import NotSealed
from bashu.kernel.journal.models import Entry
from bashu.kernel.web.api import Paged

router = Router(tags=["journal"])


class KeyOut(Schema):
    """A public key; all but the first are endorsed by the one before."""

    id: str
    algorithm: str
    public: str
    endorsed_by: str | None
    size: int
    time: str


class CheckpointOut(Schema):
    """A signed statement: at this size the tree had this root."""

    origin: str
    size: int
    root: str
    key: str
    time: str
    signature: str
    unsealed: int


class EntryOut(Schema):
    """One entry. `header` is the text that is hashed; `sequence` is null until it is sealed; `body` null when erased or withheld."""

    id: UUID
    sequence: int | None
    header: str
    salt: str | None
    body: str | None


class ProofOut(Schema):
    """Hashes, leaf to root (RFC 9162 §2.1.3 and §2.1.4), in hexadecimal."""

    size: int
    path: list[str]


@router.get("/keys", response=list[KeyOut])
def keys(request: HttpRequest):
    """The chain of signing keys, oldest first."""
    return [KeyOut(**{**key._asdict(), "public": key.public.hex()}) for key in selectors.public_keys()]


@router.get("/checkpoint", response=CheckpointOut)
def checkpoint(request: HttpRequest):
    """The newest signed checkpoint, and how many entries wait for the next."""
    found = selectors.checkpoint_latest()
    if found is None:
        raise NotFound
    return CheckpointOut(
        origin=found.key.origin, size=found.size, root=bytes(found.root).hex(), key=found.key_id, time=found.time,
        signature=bytes(found.signature).hex(), unsealed=selectors.unsealed_count(),
    )  # fmt: skip


@router.get("/entries", response=list[EntryOut])
@paginate(Paged)
def entries(request: HttpRequest, subject: str = "", kind: str = ""):
    """Entries, newest first; by subject (`programme.reading:<id>`) or kind (`programme.reading.confirm`)."""
    return Rows(selectors.entry_list(subject=subject, kind=kind))


@router.get("/entries/{entry_id}", response=EntryOut)
def entry(request: HttpRequest, entry_id: UUID):
    """One entry."""
    return entry_out(entry_get(entry_id))


@router.get("/entries/{entry_id}/proof", response=ProofOut)
def inclusion(request: HttpRequest, entry_id: UUID, size: int | None = None):
    """The proof that an entry is in the tree of `size` (default: the newest checkpoint's)."""
    found = entry_get(entry_id)
    leaf = getattr(found, "leaf", None)
    if leaf is None:
        raise NotSealed
    size = tree_of(size)
    if leaf.sequence >= size:
        raise Malformed(
            place="size", problem=f"the entry is number {leaf.sequence}; it joined the tree after size {size}"
        )
    return ProofOut(size=size, path=[step.hex() for step in selectors.inclusion(leaf.sequence, size)])


@router.get("/consistency", response=ProofOut)
def consistency(request: HttpRequest, old: int = Query(ge=1), new: int | None = None):
    """The proof that the tree of `old` entries is a prefix of that of `new` (default: the newest checkpoint's)."""
    size = tree_of(new)
    if old > size:
        raise Malformed(place="old", problem=f"larger than {size}")
    return ProofOut(size=size, path=[step.hex() for step in selectors.consistency(old, size)])


@router.get("/export", include_in_schema=False)
def export(request: HttpRequest):
    """The sealed journal as the caller may read it, line by line (bashu-journal-1)."""
    if selectors.checkpoint_latest() is None:
        raise NotFound
    response = StreamingHttpResponse(selectors.export_lines(), content_type="application/jsonl")
    response["Content-Disposition"] = 'attachment; filename="journal.jsonl"'
    return response


@router.get("/verifier", include_in_schema=False)
def verifier(request: HttpRequest):
    """The stand-alone verifier: one Python file that needs nothing but the export and the public key."""
    return FileResponse(VERIFIER.open("rb"), as_attachment=True, filename=VERIFIER.name, content_type="text/x-python")


class Rows:
    """Entries as the paginator cuts them, turned into answers one page at a time."""

    def __init__(self, entries: QuerySet[Entry]) -> None:
        self.query = self.entries = entries

    def count(self) -> int:
        """How many there are."""
        return self.entries.count()

    def __getitem__(self, cut: slice) -> list[EntryOut]:
        return [entry_out(found) for found in self.entries[cut]]


def entry_get(entry_id: UUID) -> Entry:
    """One entry with its leaf and its body, as far as the viewer may read it."""
    found = selectors.entry_list().filter(id=entry_id).first()
    if found is None:
        raise NotFound
    return found


def entry_out(found: Entry) -> EntryOut:
    """An entry as the API gives it."""
    body, leaf = getattr(found, "body", None), getattr(found, "leaf", None)
    return EntryOut(
        id=found.id, sequence=leaf.sequence if leaf else None, header=found.header,
        salt=bytes(body.salt).hex() if body and body.salt else None, body=body.content if body else None,
    )  # fmt: skip


def tree_of(size: int | None) -> int:
    """The size asked for, if the tree was ever that large; by default the newest checkpoint's."""
    largest, newest = selectors.tree_size(), selectors.checkpoint_latest()
    wanted: int = size if size is not None else newest.size if newest else 0
    if not 1 <= wanted <= largest:
        raise Malformed(place="size", problem=f"the tree has {largest} entries")
    return wanted
