"""Message catalogues without GNU gettext: `extract`, `check` and `compile`, by Babel.

`extract` reads every `_()` in Python and every `{% translate %}` in templates, and brings the catalogue up to date: new
messages arrive empty, gone ones leave. `check` fails when a message is missing, empty, fuzzy, obsolete, or its
placeholders differ from the original's. `compile` writes the .mo files that Django reads.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "bashu"
LOCALES = PACKAGE / "locale"
CATALOGUE = LOCALES / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*(?:\.\w+)*\}")


class Found(NamedTuple):
    """One message of the source: its text (or singular and plural), its context, and where it stands."""

    id: str | tuple[str, ...]
    context: str | None
    place: str


def python_messages(source: bytes, place: str) -> Iterator[Found]:
    """The messages of a Python file."""
    from babel.messages.extract import extract_python

    for line, function, message, _comments in extract_python(io.BytesIO(source), KEYWORDS, [], {}):
        yield from one(function, message, f"{place}:{line}")


def one(function: str, message: object, place: str) -> Iterator[Found]:
    """One call's message, if it is written out in full."""
    parts = [part for part in (message if isinstance(message, tuple) else (message,)) if isinstance(part, str)]
    context = parts.pop(0) if function.startswith(("pgettext", "npgettext")) and parts else None
    if parts:
        yield Found(tuple(parts[:2]) if function.startswith(("ngettext", "npgettext")) else parts[0], context, place)


def template_messages(source: str, place: str) -> Iterator[Found]:
    """The messages of a template, through Django's own translation of templates into something like Python."""
    from django.utils.translation.template import templatize

    likeness = "\n".join(line.strip() for line in templatize(source, origin=place).splitlines())
    yield from python_messages(likeness.encode(), place)


def found() -> Iterator[Found]:
    """Every message of the package."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("templates/**/*.*")]):
        if "migrations" in path.parts:
            continue
        place = str(path.relative_to(PACKAGE))
        if path.suffix == ".py":
            yield from python_messages(path.read_bytes(), place)
        else:
            yield from template_messages(path.read_text(encoding="utf-8"), place)


def catalogue(path: Path = CATALOGUE):
    """The catalogue as it is on disk, empty when there is none."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    if not path.exists():
        return Catalog(locale="zh_Hans", project="Bashu", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", charset="utf-8")


def extract() -> None:
    """Bring the catalogue up to date with the source, keeping the translations there are."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    known = catalogue()
    fresh = Catalog(locale="zh_Hans", project="Bashu", charset="utf-8", fuzzy=False)
    fresh.header_comment = "# Simplified Chinese messages of Bashu."
    for message in sorted(found(), key=lambda message: (message.place.split(":")[0], str(message.id))):
        old = known.get(message.id, message.context)
        fresh.add(message.id, old.string if old else None, context=message.context)
    fresh.revision_date = fresh.creation_date = None
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, fresh, width=120, omit_header=True, sort_output=True)
    header = '# Simplified Chinese messages of Bashu.\nmsgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n'
    header += '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    header += '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    CATALOGUE.write_bytes(header.encode() + buffer.getvalue())


def faults() -> list[str]:
    """What is wrong with the catalogue, one line a fault; empty when it is whole."""
    known = catalogue()
    wanted = {(message.id, message.context): message.place for message in found()}
    lines = []
    for (identity, context), place in wanted.items():
        message = known.get(identity, context)
        if message is None:
            lines.append(f"missing: {identity!r} ({place})")
        else:
            lines += [f"{fault}: {identity!r} ({place})" for fault in faults_of(message)]
    have = {(message.id, message.context) for message in known if message.id}
    lines += [f"obsolete: {identity!r}" for identity, _ in sorted(have - wanted.keys(), key=str)]
    lines += [f"obsolete: {message.id!r}" for message in known.obsolete.values()]
    return lines


def faults_of(message) -> Iterator[str]:
    """What is wrong with one translation."""
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    originals = message.id if isinstance(message.id, list | tuple) else [message.id]
    if message.fuzzy:
        yield "fuzzy"
    if not all(strings):
        yield "empty"
        return
    needed = set(PLACEHOLDER.findall(originals[-1]))
    for string in strings:
        if set(PLACEHOLDER.findall(string)) != needed:
            yield f"placeholders differ in {string!r}"


def compile_all() -> None:
    """Write django.mo beside every django.po that is newer."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            read = read_po(file, locale=source.parent.parent.name, charset="utf-8")
        with target.open("wb") as file:
            write_mo(file, read)


def main(arguments: list[str]) -> int:
    """Run one of the three commands."""
    match arguments:
        case ["extract"]:
            extract()
        case ["compile"]:
            compile_all()
        case ["check"]:
            wrong = faults()
            print("\n".join(wrong) or "every message is translated")
            return 1 if wrong else 0
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
