"""Places over the API. Everybody may read; `as_of` is today when left out."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router
from ninja.pagination import paginate
from pydantic import StringConstraints

from bashu.kernel.places import selectors
from bashu.kernel.places.models import GroupKind, Jurisdiction, Kind
from bashu.kernel.places.schemas import GroupOut, PlaceOut
from bashu.kernel.web.api import Paged
from bashu.kernel.web.clock import today

router = Router(tags=["places"])

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=120)]


@router.get("/divisions", response=list[PlaceOut], summary="Divisions in being on a day")
@paginate(Paged)
def divisions(
    request: HttpRequest,
    as_of: date | None = None,
    jurisdiction: Jurisdiction | None = None,
    kind: Kind | None = None,
    parent: Code | None = None,
) -> Any:
    """By code. `parent` is the code of the jurisdiction or prefecture they stand under."""
    kinds = [kind] if kind else []
    return selectors.division_list(as_of=as_of or today(), jurisdiction=jurisdiction, kinds=kinds, parent=parent)


@router.get("/resolve", response=PlaceOut, summary="The division that a code or a name means")
def resolve(request: HttpRequest, text: Text, as_of: date | None = None) -> Any:
    """Refuses what is unknown, has ended (saying what it became), or is ambiguous (naming the candidates)."""
    return selectors.place_resolve(text, as_of=as_of or today())


@router.get("/groups", response=list[GroupOut], summary="Groups of places that the programme names")
def groups(request: HttpRequest, kind: GroupKind | None = None) -> Any:
    """In the programme's own order, each with the members its source names."""
    return selectors.group_list(kind=kind)


@router.get("/boundaries/{level}", response=dict[str, Any], summary="Outlines as GeoJSON")
def boundaries(request: HttpRequest, level: Literal["counties", "prefectures"], as_of: date | None = None) -> Any:
    """A schematic unless the operator has put an approved map in its place; its member `bashu` says which."""
    return selectors.boundary_features(level, as_of=as_of or today())
