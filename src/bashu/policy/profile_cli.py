"""`bashu policy profiles`: what is known of enterprises and what they pay, as whom `--as` names."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from bashu.kernel.commands.command import Command
from bashu.kernel.errors import NotFound
from bashu.kernel.parties.cli import acting
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.policy import wording
from bashu.policy.engine.explain import yuan
from bashu.policy.engine.rules import Fact
from bashu.policy.errors import FactUnknown, FactWrong, FilesRefused
from bashu.policy.formats.profiles import table_rows
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import ProfileFact
from bashu.policy.selectors import profiles as selectors
from bashu.policy.services import profiles as services

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
Enterprise = Annotated[UUID, typer.Argument(metavar="ENTERPRISE", help="its identifier, as `profiles list` prints it")]


def identifier() -> Column:
    """A column wide enough for an identifier, to be copied."""
    return Column("id", overflow="fold", min_width=36)


def enterprise(public_id: UUID) -> Organisation:
    """An organisation as the acting person sees it."""
    with seen_by(acting()):
        firm = Organisation.objects.filter(public_id=public_id).first()
    if firm is None:
        raise NotFound
    return firm


@app.command("list")
def profile_list() -> None:
    """List the enterprises whose profile you may see, and how much of each is known."""
    table = Table(identifier(), "enterprise", "side", "facts", "latest")
    with seen_by(acting()):
        known = selectors.profiles_of()
        firms = {firm.public_id: firm for firm in Organisation.objects.filter(public_id__in=known)}
    for public_id, firm in sorted(firms.items(), key=lambda pair: pair[1].name_zh):
        facts = known[public_id].values()
        latest = max(row.as_of for row in facts)
        table.add_row(str(public_id), firm.name_zh, firm.jurisdiction, str(len(facts)), str(latest))
    console.print(table if known else "No profile that you may see. `bashu policy profiles record` begins one.")


@app.command("show")
def profile_show(public_id: Enterprise) -> None:
    """Show what is known of an enterprise, each fact with its origin, source and day."""
    firm = enterprise(public_id)
    with seen_by(acting()):
        rows = selectors.profile_of(firm.public_id)
    if not rows:
        return console.print(f"{firm.name_zh}: nothing is known, or its profile is not yours to see.", markup=False)
    table = Table("fact", "value", "as of", "origin", "source", "evidence")
    for row in rows.values():
        said = f"{len(row.value)} rows" if isinstance(row.value, list) else str(row.value)
        source = wording.source_words(row.source)
        table.add_row(row.fact, said, str(row.as_of), row.origin, source, row.evidence[:12])
    console.print(firm.name_zh, markup=False)
    return console.print(table)


@app.command("record")
def profile_record(
    public_id: Enterprise,
    fact: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="a fact; repeat for more")] = None,
    table: Annotated[
        list[str] | None, typer.Option(metavar="NAME=FILE.csv", help="all rows of a table; repeat for more")
    ] = None,
    as_of: Annotated[str, typer.Option(help="day for which they hold, such as 2025-03-31; default: today")] = "",
) -> None:
    """Record facts and tables of an enterprise. Names and units: `bashu policy schema entities`."""
    firm = enterprise(public_id)
    known = selectors.readable()
    told: dict[str, Any] = {}
    evidence: dict[str, str] = {}
    for name, text in pairs(fact, "--fact"):
        told[name] = plain(known.facts.get(name), text)
    for name, path in pairs(table, "--table"):
        if name not in known.tables:
            raise FactUnknown(fact=name)
        content = content_of(Path(path))
        try:
            told[name] = table_rows(io.StringIO(content.decode("utf-8-sig"), newline=""), known.tables[name])
        except (UnicodeDecodeError, csv.Error, ValueError) as fault:
            raise FactWrong(fact=path, problem=fault) from None
        evidence[name] = sha256(content).hexdigest()
    if not told:
        raise typer.BadParameter("name at least one --fact or --table")
    ctx = Command(actor=acting(), now=clock.now())
    services.profile_record(ctx=ctx, organisation=firm, facts=told, as_of=day(as_of), evidence=evidence)
    console.print(f"{firm.name_zh}: recorded {', '.join(told)}.", markup=False)


def pairs(given: Iterable[str] | None, option: str) -> Iterable[tuple[str, str]]:
    """NAME=VALUE taken apart."""
    for text in given or ():
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"{text}: write NAME=VALUE", param_hint=option)
        yield name, value


def plain(fact: Fact | None, text: str) -> Any:
    """A value as entity files write it: truth as true or false, all else as text."""
    return {"true": True, "false": False}.get(text, text) if fact and fact.kind == "boolean" else text


def content_of(file: Path) -> bytes:
    """A file's bytes."""
    try:
        return file.read_bytes()
    except OSError as fault:
        raise typer.BadParameter(f"{file}: {fault.strerror}", param_hint="--table") from None


def day(text: str) -> date:
    """A day as it is written, today for none."""
    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        raise typer.BadParameter(f"{text} is not a day such as 2025-03-31", param_hint="--as-of") from None


@app.command("refresh")
def profile_refresh(public_id: Enterprise) -> None:
    """Take over what other systems' records tell: registration, containers delivered, freight, green certificates retired."""
    firm = enterprise(public_id)
    changed = services.profile_refresh(ctx=Command(actor=acting(), now=clock.now()), organisation=firm)
    console.print(f"{firm.name_zh}: {changed} facts changed.", markup=False)


@app.command("evaluate")
def profile_evaluate(
    public_id: Annotated[UUID | None, typer.Argument(metavar="[ENTERPRISE]", help="one of them; default: all")] = None,
    period: Annotated[str, typer.Option(help="2025, 2025-Q1 or 2025-03; default: this year")] = "",
    explain: Annotated[bool, typer.Option("--explain", help="say why, in both languages")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, as `bashu policy evaluate` does")] = False,
) -> None:
    """Compute the levies of the enterprises whose profile you may see, under both provinces' rules; payable is the lower."""
    firms = None if public_id is None else [enterprise(public_id).public_id]
    period = period or str(clock.today().year)
    with seen_by(acting()):
        known = selectors.profiles_of(firms)
        names = dict(Organisation.objects.filter(public_id__in=known).values_list("public_id", "name_zh"))
    results = results_of(known, period, explain=explain)
    if as_json:
        return typer.echo(json.dumps(results, ensure_ascii=False))
    table = Table("enterprise", "item", "Chongqing", "Sichuan", "payable", "winner", "saving", "status")
    shown = [row for row in results if row["payable_fen"] is not None]
    for row in shown:
        amounts = [yuan(row[key]) for key in ("cq_fen", "sc_fen", "payable_fen")]
        who = names[UUID(row["entity"])]
        table.add_row(who, row["item"], *amounts, row["winner"], yuan(row["saving_fen"]), row["status"])
        for part in row["why"]["parts"] if explain else ():
            table.add_row("", "", part["sentence"]["en"])
    console.print(table)
    payable, saving = (sum(row[key] for row in shown) for key in ("payable_fen", "saving_fen"))
    said = f"{len(known)} enterprises, {period}: payable {yuan(payable)} yuan, {yuan(saving)} less than at the higher."
    console.print(said, f"{len(results) - len(shown)} results wait for facts or numbers that are not known.")
    return None


def results_of(known: dict[UUID, dict[str, ProfileFact]], period: str, *, explain: bool) -> list[dict[str, Any]]:
    """The levies of profiles. Refuses (FilesRefused) profiles that today's rules cannot read, naming the first faults."""
    from bashu.policy.engine.faults import RuleFault

    try:
        return selectors.levies_of(known, period, why=explain)
    except FileFaults as faults:
        for fault in faults.faults:
            errors.print(fault, markup=False)
        raise FilesRefused(count=faults.count) from None
    except (RuleFault, ValueError) as fault:
        raise typer.BadParameter(str(fault), param_hint="--period") from None
