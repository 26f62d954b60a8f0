"""Write the API's contract to openapi.json, or `--check` that the committed one is what the code says."""

import difflib
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi.json"


def current() -> str:
    """The contract of the code as text: keys in order, one line a value, so that a change is a small difference."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bashu.settings")
    import django

    django.setup()
    from bashu.kernel.web.operations import contract

    return json.dumps(contract(), indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"


def main(arguments: list[str]) -> int:
    """Write, or check and show the difference."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    text = current()
    if not arguments:
        CONTRACT.write_text(text, encoding="utf-8")
        return 0
    committed = CONTRACT.read_text(encoding="utf-8") if CONTRACT.exists() else ""
    lines = difflib.unified_diff(committed.splitlines(), text.splitlines(), "committed", "code", lineterm="")
    difference = "\n".join(lines)
    print(difference or "openapi.json is what the code says")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
