"""The command line: every system's commands under one name, errors as one clear line."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated

import django
import typer
from django.utils import translation
from rich.console import Console
from rich.markup import escape

from bashu import __version__

# Groups of commands. Only the one that is called is imported: each brings its whole system, which takes a second together.
GROUPS = {
    "programme": ("bashu.programme.cli", "The scoreboard: documents, targets, tasks, readings."),
    "policy": ("bashu.policy.cli", "Rules of both provinces: lower of two levies, best of two supports."),
    "logistics": ("bashu.logistics.cli", "Ways for a consignment through the ports of both provinces."),
    "power": ("bashu.power.cli", "The power pool: dispatch, and the fair division of what it saves."),
    "places": ("bashu.kernel.places.cli", "Jurisdictions, prefectures, counties and groups of places."),
    "parties": ("bashu.kernel.parties.cli", "Organisations, people, memberships, API tokens."),
    "journal": ("bashu.kernel.journal.cli", "Verify, export and seal the journal."),
    "jobs": ("bashu.kernel.jobs.cli", "Long work: list, watch, cancel."),
}
CHOOSES_DATABASE = "--demo"  # must be known before Django reads its settings


def version_shown(asked: bool) -> None:
    """Print the version and stop."""
    if asked:
        typer.echo(f"bashu {__version__}")
        raise typer.Exit


def build(word: str = "") -> typer.Typer:
    """The command line: the one group that `word` names, or all of it. Django must be ready: the rooms import their models."""
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

    for name, (module, purpose) in GROUPS.items():
        if word in (name, "") or word not in GROUPS:
            app.add_typer(import_module(module).app, name=name, help=purpose)
    if word not in GROUPS:
        from bashu import node

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
    from bashu.kernel.database.errors import DatabaseUnavailableError
    from bashu.kernel.errors import BashuError

    try:
        django.setup()  # refuses settings of the database that do not fit together
        translation.activate(language_of(os.environ))
        build(next((word for word in sys.argv[1:] if word in GROUPS), ""))()
    except (BashuError, DatabaseUnavailableError, OSError) as error:
        code = getattr(error, "code", "file")  # an OSError names the file that is missing, in the way, or another's
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[red]{code}[/]: {escape(str(error))}")
        sys.exit(1)
