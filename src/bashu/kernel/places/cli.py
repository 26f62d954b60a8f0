"""Places on the command line."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bashu.kernel.places import selectors
from bashu.kernel.places.models import Jurisdiction
from bashu.kernel.web.clock import today

app = typer.Typer(no_args_is_help=True)
PIPE_WIDTH = 500  # characters, more than any row has
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="day; today when left out")]


@app.command("list")
def list_divisions(
    jurisdiction: Annotated[Jurisdiction | None, typer.Option(help="one jurisdiction; both when left out")] = None,
    parent: Annotated[str | None, typer.Option(help="only those under this code")] = None,
    as_of: AsOf = None,
) -> None:
    """List the divisions in being on a day."""
    found = selectors.division_list(as_of=day(as_of), jurisdiction=jurisdiction, parent=parent)
    show(
        ("code", "name", "English", "kind", "since", "status"),
        [(p.code, p.name_zh, p.name_en, p.get_kind_display(), p.valid_from, p.get_status_display()) for p in found],
    )


@app.command()
def resolve(
    text: Annotated[str, typer.Argument(help="code or name; 乐山市市中区 where 市中区 is not enough")],
    as_of: AsOf = None,
) -> None:
    """Say which division a code or a name means."""
    place = selectors.place_resolve(text, as_of=day(as_of))
    show(("code", "name", "English", "kind"), [(place.code, place.name_zh, place.name_en, place.get_kind_display())])


@app.command()
def groups() -> None:
    """List the groups that the programme names, with the members its source names."""
    rows = []
    for group in selectors.group_list():
        members = ", ".join(member.place.name_zh for member in group.members.all())
        rows.append((group.slug, group.name_zh, group.name_en, members or group.get_members_status_display()))
    show(("group", "name", "English", "members"), rows)


def day(as_of: datetime | None) -> date:
    """The day asked for, or today in the region's own time zone."""
    return as_of.date() if as_of else today()


def show(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Print a table; a file or a pipe gets each row on one line."""
    console = Console()
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(str, row))
    console.print(table)
