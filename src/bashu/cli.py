"""The command line: every system's commands under one name, errors as one clear line."""

import os
import sys
from collections.abc import Mapping
from typing import Annotated

import django
import typer
from django.utils import translation
from rich.console import Console

from bashu import __version__

CHOOSES_DATABASE = "--demo"  # must be known before Django reads its settings


def version_shown(asked: bool) -> None:
    """Print the version and stop."""
    if asked:
        typer.echo(f"bashu {__version__}")
        raise typer.Exit


def build() -> typer.Typer:
    """The whole command line. Django must be ready: the rooms import their models."""
    from bashu import node
    from bashu.kernel.jobs.cli import app as jobs
    from bashu.kernel.journal.cli import app as journal
    from bashu.kernel.parties.cli import app as parties
    from bashu.kernel.places.cli import app as places
    from bashu.logistics.cli import app as logistics
    from bashu.policy.cli import app as policy
    from bashu.power.cli import app as power
    from bashu.programme.cli import app as programme

    app = typer.Typer(
        name="bashu",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Bashu (巴蜀): one economic region under two governments.\n\nStart with `bashu serve --demo` and open the address it prints.",
        epilog="`bashu COMMAND --help` explains each command; --demo before any command works on the demonstration's database.",
    )

    @app.callback()
    def root(
        as_: Annotated[
            str, typer.Option("--as", help="e-mail of the person to act as; default: the node's operator")
        ] = "",
        _demo: Annotated[bool, typer.Option(CHOOSES_DATABASE, help="use the demonstration's database")] = False,
        _version: Annotated[
            bool, typer.Option("--version", callback=version_shown, is_eager=True, help="print the version")
        ] = False,
    ) -> None:
        os.environ["BASHU_AS"] = as_

    app.add_typer(programme, name="programme", help="The scoreboard: documents, targets, tasks, readings.")
    app.add_typer(policy, name="policy", help="Rules of both provinces: lower of two levies, best of two supports.")
    app.add_typer(logistics, name="logistics", help="Ways for a consignment through the ports of both provinces.")
    app.add_typer(power, name="power", help="The power pool: dispatch, and the fair division of what it saves.")
    app.add_typer(places, name="places", help="Jurisdictions, prefectures, counties and groups of places.")
    app.add_typer(parties, name="parties", help="Organisations, people, memberships, API tokens.")
    app.add_typer(journal, name="journal", help="Verify, export and seal the journal.")
    app.add_typer(jobs, name="jobs", help="Long work: list, watch, cancel.")
    node.add_commands(app)
    return app


def language_of(environment: Mapping[str, str]) -> str:
    """Chinese on a Chinese terminal, English on any other: the first locale variable that is set decides (POSIX 8.2)."""
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh-hans" if locale.startswith("zh") else "en"


def main() -> None:
    """Run one command; a refusal is one line on standard error and exit code 1."""
    if CHOOSES_DATABASE in sys.argv[1:] or sys.argv[1:2] == ["demo"]:
        os.environ["BASHU_DEMO"] = "1"
        sys.argv = [word for word in sys.argv if word != CHOOSES_DATABASE]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bashu.settings")
    django.setup()
    translation.activate(language_of(os.environ))
    from bashu.kernel.database.errors import DatabaseUnavailableError
    from bashu.kernel.errors import BashuError

    try:
        build()()
    except (BashuError, DatabaseUnavailableError) as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[red]{error.code}[/]: {error}")
        sys.exit(1)
