"""Write docs/commands.md, docs/settings.md and docs/errors.md from the code, or `--check` that they say what it says."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command of the command line, as `bashu journal verify`, with what typer knows of it."""
    from typer.main import get_command

    from bashu.cli import build

    def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
        if not hasattr(command, "commands"):
            yield name, command
            return
        for word, child in command.commands.items():
            yield from walk(child, f"{name} {word}")

    yield from walk(get_command(build()), "bashu")


def sentence(text: object) -> str:
    """The first line of a text, safe inside a table."""
    return str(text or "").strip().split("\n")[0].replace("|", "\\|")


def taken(command: Any) -> str:
    """A command's arguments and options in one cell."""
    names = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            names.append(f"`{parameter.name.upper()}`")
        elif parameter.name != "help":
            names.append(f"`{max(parameter.opts, key=len)}`")
    return ", ".join(names)


def commands_page() -> str:
    """docs/commands.md."""
    rows = [f"| `{name}` | {sentence(command.help)} | {taken(command)} |" for name, command in commands()]
    return page(
        "Commands",
        "`--as ADDRESS` before a command acts as that person instead of the node's operator; `--demo` works on the "
        "demonstration's database. `bashu COMMAND --help` explains every option. A refusal is one line on standard "
        "error with a code of [errors.md](errors.md), and exit code 1.",
        "| command | what it does | takes |\n|---|---|---|",
        rows,
    )


def settings_page() -> str:
    """docs/settings.md."""
    from bashu import settings

    rows = [
        f"| `{found.name}` | {f'`{found.default}`' if found.default else 'empty'} | {sentence(found.purpose)} |"
        for found in settings.DOCUMENTED
    ]
    return page(
        "Settings",
        "Each is an environment variable, read once when a process starts. A switch is on when it is `1`.",
        "| variable | default | what it does |\n|---|---|---|",
        rows,
    )


def errors_page() -> str:
    """docs/errors.md."""
    from django.utils import translation

    from bashu.kernel.errors import every_error

    with translation.override("en"):
        found = sorted({error.code: error for error in shipped(every_error())}.items())
        rows = [
            f"| `{code}` | {error.status} | {sentence(error.__doc__)} | {sentence(error.message)} |"
            for code, error in found
        ]
    return page(
        "Error codes",
        "The API answers with problem+json (RFC 9457) whose `type` is `urn:bashu:error:` and the code; the command line "
        "prints code and message; a page shows the message. 422 cannot be read, 401 needs a sign-in, 403 is not yours to "
        "do, 404 is not there or not yours to know, 409 contradicts what is, 503 wrote nothing: repeat with the same key. "
        "Two more codes come without a class: `bashu.fault` (500, a fault on our side, logged under the answer's "
        "`instance`) and `bashu.bad_request` (400, the request itself is broken).",
        "| code | status | when | message |\n|---|---|---|---|",
        rows,
    )


def shipped(errors: Iterator[Any]) -> Iterator[Any]:
    """The errors of the package, without those that tests and examples in docstrings declare."""
    return (
        error
        for error in errors
        if error.__module__.startswith("bashu.")
        and getattr(sys.modules[error.__module__], error.__name__, None) is error
    )


def page(title: str, text: str, head: str, rows: list[str]) -> str:
    """One page: a title, a paragraph, a table."""
    table = "\n".join([head, *rows])
    return f"# {title}\n\n{text}\n\n{table}\n"


def pages() -> dict[Path, str]:
    """Each file and what the code says it holds."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bashu.settings")
    import django

    django.setup()
    from django.urls import get_resolver

    assert get_resolver().url_patterns, "loading the addresses loads every room's errors"
    return {
        DOCS / "commands.md": commands_page(),
        DOCS / "settings.md": settings_page(),
        DOCS / "errors.md": errors_page(),
    }


def main(arguments: list[str]) -> int:
    """Write, or check and name the files that differ."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    stale = [file for file, text in pages().items() if not file.exists() or file.read_text(encoding="utf-8") != text]
    if not arguments:
        for file, text in pages().items():
            file.write_text(text, encoding="utf-8")
        return 0
    for file in stale:
        print(f"{file.relative_to(ROOT)} is not what the code says: python tools/reference.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
