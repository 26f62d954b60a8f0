"""Places on the command line."""
from datetime import date, datetime
from typing import Annotated

import typer
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from bashu.kernel.web.clock import now

app = typer.Typer(help="Divisions, their codes, and the programme's groups of places.", no_args_is_help=True)
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day; today when left out.")]


@app.command("list")
def list_divisions(
    jurisdiction: Annotated[str | None, typer.Option(help="CQ or SC; both when left out.")] = None,
    parent: Annotated[str | None, typer.Option(help="Only those under this code.")] = None,
    as_of: AsOf = None,
) -> None:
    """List the divisions in being on a day."""
    from bashu.kernel.places.selectors import division_list

    rows = [
        (p.code, p.name_zh, p.name_en, p.get_kind_display(), str(p.valid_from), p.get_status_display())
        for p in division_list(as_of=_day(as_of), jurisdiction=jurisdiction and jurisdiction.upper(), parent=parent)
    ]
    _print(("code", "name", "English", "kind", "since", "status"), rows)


@app.command()
def resolve(text: Annotated[str, typer.Argument(help="A code or a name, with or without its rank.")], as_of: AsOf = None) -> None:
    """Say which division a code or a name means."""
    from bashu.kernel.places.selectors import place_resolve

    place = place_resolve(text, as_of=_day(as_of))
    _print(("code", "name", "English", "kind"), [(place.code, place.name_zh, place.name_en, str(place.get_kind_display()))])


@app.command()
def groups() -> None:
    """List the groups that the programme names, with the members its source names."""
    from bashu.kernel.places.selectors import group_list

    rows = [
        (g.slug, g.name_zh, g.name_en, ", ".join(m.place.name_zh for m in g.members.all()) or g.get_members_status_display())
        for g in group_list()
    ]
    _print(("group", "name", "English", "members"), rows)


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else timezone.localdate(now())


def _print(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)
