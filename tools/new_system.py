"""Start a new system: the same rooms as its neighbours, registered where the house looks for them.

python tools/new_system.py berths "Ships borrow quay time"

Makes src/bashu/<name>/ and tests/<name>/, and enters the system in settings, urls, the command line and the import contracts.
It overwrites nothing. What it makes passes `make check`; delete the rooms the system does not need.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ROOMS = {
    "__init__.py": '"""{purpose}."""\n',
    "README.md": "# {name}\n\n{purpose}.\n\n- Main flow: …\n- Standards: …\n",
    "apps.py": '''"""Django's name for this system."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class {title}Config(AppConfig):
    """{purpose}."""

    name = "bashu.{name}"
    label = "{name}"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Stand in the navigation."""
        from bashu.kernel.web import navigation

        navigation.register(_("{title}"), "{name}:overview", order=50)
''',
    "models.py": '"""Records of this system; the database keeps their promises."""\n',
    "services.py": '"""Every write: one keyword-only function per command, declared with `@command`."""\n',
    "selectors.py": '"""Every read that two places need."""\n',
    "errors.py": '"""What this system refuses."""\n',
    "engine/__init__.py": '"""The pure computation: values in, values out."""\n',
    "migrations/__init__.py": "",
    "schemas.py": '"""What the API takes and gives."""\n',
    "api.py": '''"""The system under /api/v1/{name}."""

from ninja import Router

router = Router(tags=["{name}"])
''',
    "pages.py": '''"""The system's pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def overview(request: HttpRequest) -> HttpResponse:
    """Everything at a glance."""
    return render(request, "{name}/overview.html", {{}})
''',
    "urls.py": '''"""Addresses of the system's pages."""

from django.urls import path

from bashu.{name} import pages

app_name = "{name}"
urlpatterns = [path("", pages.overview, name="overview")]
''',
    "cli.py": '''"""`bashu {name}`."""

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def room() -> None:
    """{purpose}."""
''',
    "templates/{name}/overview.html": """{{% extends "base.html" %}}{{% load i18n bashu %}}
{{% block title %}}{{% translate "{title}" %}}{{% endblock %}}
{{% block heading %}}{{% translate "{title}" %}}{{% endblock %}}
{{% block content %}}<p>{{% translate "{purpose}." %}}</p>{{% endblock %}}
""",
}


def main(name: str, purpose: str) -> None:
    """Make the rooms and register the system; refuses a name that is taken or is no Python name."""
    folder = ROOT / "src" / "bashu" / name
    if not re.fullmatch(r"[a-z]{3,20}", name) or folder.exists():
        sys.exit(f"{name}: a system's name is 3 to 20 small letters and not taken")
    words = {"name": name, "title": name.capitalize(), "purpose": purpose.rstrip(".")}
    for path, content in ROOMS.items():
        file = folder / path.format(**words)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content.format(**words))
    (ROOT / "tests" / name).mkdir()
    insert("src/bashu/settings.py", '    "bashu.programme",\n', f'    "bashu.{name}",\n')
    insert("src/bashu/urls.py", "from bashu.programme.api", f"from bashu.{name}.api import router as {name}\n")
    insert("src/bashu/urls.py", 'api.add_router("/programme"', f'api.add_router("/{name}", {name})\n')
    insert(
        "src/bashu/urls.py",
        '    path("", include("bashu.programme.urls")),\n',
        f'    path("{name}/", include("bashu.{name}.urls")),\n',
    )
    insert("src/bashu/cli.py", '    "programme": (', f'    "{name}": ("bashu.{name}.cli", "{words["purpose"]}."),\n')
    insert(".importlinter", "    bashu.kernel\n", f"    bashu.{name}\n")
    print(f"Made src/bashu/{name} and tests/{name}. Next: names and flow of data, then the engine with its oracle.")


def insert(path: str, before: str, line: str) -> None:
    """Insert a line before the first line that begins with a text."""
    file = ROOT / path
    content = file.read_text()
    place = content.find("\n" + before) + 1
    if place == 0:
        sys.exit(f"{path}: there is no line that begins with {before.strip()!r}; enter {line.strip()!r} by hand")
    file.write_text(content[:place] + line + content[place:])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
