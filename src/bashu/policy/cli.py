"""`bashu policy`: rules, results and choices from files. Only `evaluate --save` and `explain` need the database."""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from bashu.policy import operations_cli
from bashu.policy.engine.faults import RuleFault
from bashu.policy.errors import FilesRefused, ReplayDiffers, RulesDoubtful, RuleTestsFailed
from bashu.policy.formats.rule_files import read_rules
from bashu.policy.formats.yaml_lines import FileFaults

if TYPE_CHECKING:
    from bashu.policy.engine.rules import RuleSet
    from bashu.policy.formats.catalogue import Offers, Projects

app = typer.Typer(no_args_is_help=True)
operations_cli.add_commands(app)
console = Console(highlight=False, soft_wrap=True, emoji=False)
WIDEST = 400  # of a table that no terminal bounds: a figure cut short would be none
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
SHIPPED = Path(__file__).parent / "facts" / "regional"
Rules = Annotated[Path, typer.Option(help="folder of rule files; default: those shipped", exists=True, file_okay=False)]
CatalogueFile = Annotated[Path, typer.Option(help="support items (YAML)", exists=True, dir_okay=False)]
ProjectFile = Annotated[Path, typer.Option(help="JSON lines, one project a line", exists=True, dir_okay=False)]
On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="day whose rules hold; default: today")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@contextmanager
def reading() -> Iterator[None]:
    """Name every fault of the files, one a line, then refuse."""
    try:
        yield
    except FileFaults as found:
        for fault in found.faults:
            errors.print(fault, markup=False)
        raise FilesRefused(count=found.count) from None
    except RuleFault as fault:
        errors.print(str(fault), markup=False)
        raise FilesRefused(count=1) from None


def read_both(catalogue: Path, projects: Path, on: datetime | None) -> tuple["Offers", "Projects"]:
    """A catalogue and its projects, under the rules of a day."""
    from bashu.policy.formats.catalogue import read_catalogue, read_projects

    day: date = on.date() if on else datetime.now(ZoneInfo("Asia/Shanghai")).date()
    with reading():
        offers = read_catalogue(catalogue)
        with projects.open("rb") as lines:
            return offers, read_projects(lines, offers, day, projects.name)


def write_list(rows: Iterable[dict[str, Any]]) -> None:
    """A JSON list, row by row, so that a million results need no memory."""
    separator = "["
    for row in rows:
        typer.echo(separator + json.dumps(row, ensure_ascii=False))
        separator = ","
    typer.echo("]" if separator == "," else "[]")


def print_table(table: Table) -> None:
    """A table; into a file or another program as wide as it needs to be."""
    (console if console.is_terminal else Console(width=WIDEST, highlight=False)).print(table)


def in_yuan(fen: int | None) -> str:
    """Fen as yuan; a question mark where there is no result."""
    from bashu.policy.engine.explain import yuan

    return "?" if fen is None else yuan(fen)


@app.command()
def lint(
    rules: Rules = SHIPPED,
    strict: Annotated[bool, typer.Option("--strict", help="refuse unverified and unknown numbers too")] = False,
) -> None:
    """Check rules: citations, dates, reach, units, ranges of 64 bits; with --strict also numbers without a source."""
    from bashu.policy.engine.lint import lint as findings_of

    with reading():
        found = [finding for finding in findings_of(read_rules(rules)) if strict or not finding.strict]
    for finding in found:
        console.print(str(finding), markup=False)
    if found:
        raise RulesDoubtful(count=len(found))
    console.print("The rules are in order.")


@app.command()
def test(rules: Rules = SHIPPED) -> None:
    """Run the tests beside the rules (*.test.yaml)."""
    from bashu.policy.formats.rule_tests import run_tests

    with reading():
        count, failures = run_tests(rules, read_rules(rules))
    for failure in failures:
        console.print(failure, markup=False)
    if failures:
        raise RuleTestsFailed(failed=len(failures), count=count)
    console.print(f"{count} rule tests pass.")


@app.command()
def facts(
    rules: Rules = SHIPPED,
    unverified: Annotated[bool, typer.Option("--unverified", help="only what still needs a source")] = False,
    as_json: AsJson = False,
) -> None:
    """List every number of the rules with its status and source."""
    from bashu.policy.engine.lint import KNOWN
    from bashu.policy.results import stated

    with reading():
        read = read_rules(rules)
    rows = [row for row in stated(read) if not unverified or row["status"] not in KNOWN]
    if as_json:
        return write_list(rows)
    table = Table("number", "", "from", "status", "source", "place")
    for row in rows:
        table.add_row(*[str(row[key]) for key in ("parameter", "jurisdiction", "from", "status", "source", "place")])
    print_table(table)
    return None


@app.command()
def evaluate(
    entities: Annotated[Path, typer.Option(help="JSON lines, one entity a line; or CSV", exists=True, dir_okay=False)],
    period: Annotated[str, typer.Option(help="2025, 2025-Q1 or 2025-03")],
    rules: Rules = SHIPPED,
    explain: Annotated[bool, typer.Option("--explain", help="say why, in both languages")] = False,
    save: Annotated[bool, typer.Option("--save", help="keep the run, for `explain ID --verify`")] = False,
    faults: Annotated[Path | None, typer.Option(help="write every fault of the file here, one a line")] = None,
    as_json: AsJson = False,
) -> None:
    """Compute each levy under both provinces' rules; payable is the lower. Files: see `docs/policy.md`."""
    from bashu.policy.engine.checks import contradictions
    from bashu.policy.engine.levies import compile_levies
    from bashu.policy.engine.periods import period as period_of
    from bashu.policy.formats.entities import read_entities
    from bashu.policy.results import levy_results

    with reading():
        read = read_rules(rules)
        compiled = compile_levies(read, period_of(period))
        with ExitStack() as opened:
            report = opened.enter_context(faults.open("w")) if faults else None
            lines = opened.enter_context(entity_lines(entities, read))
            heard = (lambda fault: print(fault, file=report)) if report else None
            told = read_entities(lines, read, entities.name, heard=heard)
        broken = list(contradictions(read, told.population, compiled.period.start))
        if broken:
            raise FileFaults([f"{entities.name}:{told.lines[index]}: {check.label['en']}" for index, check in broken])
    for name, line in told.unknown.items():
        errors.print(f"{entities.name}:{line}: {name}: no rule reads it", markup=False)
    results = levy_results(compiled, told.population, why=explain)
    if save:
        run = saved(rules, entities, period)
        errors.print(f"Kept as {run}; `bashu policy explain {run} --verify` computes it again.", markup=False)
        results = ({"id": f"{run}/{row['entity']}/{row['item']}", **row} for row in results)
    if as_json:
        return write_list(results)
    table = Table("entity", "item", "Chongqing", "Sichuan", "payable", "winner", "lower rate", "saving", "status")
    for row in results:
        amounts = [in_yuan(row[key]) for key in ("cq_fen", "sc_fen", "payable_fen")]
        table.add_row(
            row["entity"],
            row["item"],
            *amounts,
            row["winner"] or "",
            row["rate_winner"] or "",
            in_yuan(row["saving_fen"]),
            row["status"],
        )
        if explain:
            for part in row["why"]["parts"]:
                table.add_row("", "", part["sentence"]["en"])
    print_table(table)
    return None


@contextmanager
def entity_lines(file: Path, rules: "RuleSet") -> Iterator[Iterable[str | bytes]]:
    """An entity file's lines; a CSV file's as JSON lines."""
    from bashu.policy.formats.entities import csv_lines

    if file.suffix.lower() == ".csv":
        with file.open(encoding="utf-8-sig", newline="", errors="replace") as text:
            yield csv_lines(text, rules)
    else:
        with file.open("rb") as lines:
            yield lines


def saved(rules: Path, entities: Path, period: str) -> str:
    """Keep a run as whoever acts; its identifier."""
    from bashu.kernel.commands.command import Command
    from bashu.kernel.parties.cli import acting, server
    from bashu.kernel.web import clock
    from bashu.policy.formats.rule_files import folder_texts, rules_of_texts
    from bashu.policy.services.runs import run_save

    server()
    texts = folder_texts(rules)
    with entity_lines(entities, rules_of_texts(texts)) as lines:
        told = b"".join(line if isinstance(line, bytes) else line.encode() + b"\n" for line in lines)
    run = run_save(
        ctx=Command(actor=acting(), now=clock.now()), rules=texts, entities=told, period=period, file=entities.name
    )
    return str(run.public_id)


@app.command("explain")
def explain_saved(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="a kept run, RUN/ENTITY or RUN/ENTITY/ITEM")],
    verify: Annotated[bool, typer.Option("--verify", help="compute it again, refuse when anything differs")] = False,
    as_json: AsJson = False,
) -> None:
    """Explain kept results: rules in force, facts, branches taken, in both languages; --verify replays them to the same fen."""
    from bashu.kernel.parties.cli import acting, server
    from bashu.kernel.parties.selectors import seen_by
    from bashu.policy.selectors import runs

    server()
    with seen_by(acting()), reading():
        found, count = runs.referred(identifier), 0
        for difference in runs.differences(found) if verify else ():
            errors.print(difference, markup=False)
            count += 1
        if count:
            raise ReplayDiffers(count=count)
        rows = ({**row, "verified": True} if verify else row for row in runs.explained(found))
        if as_json:
            return write_list(rows)
        about = f"Run {found.run.public_id}, {found.run.made_at:%Y-%m-%d}, period {found.run.period}, rules {found.run.rules_id}"
        console.print(about, markup=False)
        for row in rows:
            console.print(f"{row['entity']} · {row['item']}", markup=False)
            for part in row["why"]["parts"]:
                console.print(f"  {part['sentence']['zh']}\n  {part['sentence']['en']}", markup=False)
            for lacking in row["missing"]:
                console.print(f"  missing: {lacking}", markup=False)
        if verify:
            console.print("Computed again from the rules and facts kept: the same to the fen.")
    return None


@app.command()
def choose(
    catalogue: CatalogueFile,
    projects: ProjectFile,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Choose the best set of support items over both provinces, with proof. Files: see `docs/policy.md`."""
    from bashu.policy.results import choice_results

    offers, read = read_both(catalogue, projects, on)
    results = choice_results(offers, read)
    if as_json:
        return write_list(results)
    table = Table("project", "total", "Chongqing only", "Sichuan only", "chosen", "proven")
    for row in results:
        table.add_row(
            row["project"],
            *[in_yuan(row[key]) for key in ("total_fen", "cq_only_fen", "sc_only_fen")],
            ", ".join(row["chosen"]),
            str(row["proven"]),
        )
    print_table(table)
    return None


@app.command()
def allocate(catalogue: CatalogueFile, projects: ProjectFile, on: On = None, as_json: AsJson = False) -> None:
    """Choose for all projects together within the catalogue's shared budgets, with the price of each budget."""
    from bashu.policy.results import allocation_result

    offers, read = read_both(catalogue, projects, on)
    with reading():
        result = allocation_result(offers, read)
    if as_json:
        return typer.echo(json.dumps(result, ensure_ascii=False))
    table = Table("budget", "most", "spent", "one more yuan brings")
    for row in result["budgets"]:
        table.add_row(row["budget"], in_yuan(row["most_fen"]), in_yuan(row["spent_fen"]), f"{row['price']:.4f}")
    print_table(table)
    console.print(
        f"Together {in_yuan(result['total_fen'])} yuan; {'proven best' if result['proven'] else 'at most ' + in_yuan(result['bound_fen'])}."
    )
    return None


@app.command("made-up")
def made_up(
    count: Annotated[int, typer.Option(help="how many enterprises", min=1, max=1_000_000)] = 2000,
) -> None:
    """Print made-up enterprises as an entity file (演示数据): the same each time, no fact of any real one."""
    from bashu.policy.engine.synthetic import enterprises

    for entity in enterprises(count):
        typer.echo(json.dumps(entity, ensure_ascii=False))


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="rules, catalogue, entities or projects")] = "rules",
    rules: Rules = SHIPPED,
) -> None:
    """Print the JSON Schema of rule files, support catalogues, entity files (as the rules ask for them) or project files."""
    from bashu.policy.formats.published import SCHEMAS, published

    if kind not in SCHEMAS:
        raise typer.BadParameter(", ".join(SCHEMAS))
    with reading():
        typer.echo(json.dumps(published(kind, read_rules(rules)), ensure_ascii=False, indent=2))
