"""Whose eyes a transaction sees with: set once at its beginning, read by the policies of row-level security.

The settings end with the transaction. Where they are missing or empty the expressions below are null, no comparison
with null is true, and the application sees and writes nothing: it fails closed.
"""

from collections.abc import Iterable
from typing import Any

# SQL expressions for policies. Compare with = ANY: f"jurisdiction = ANY ({JURISDICTIONS})".
PERSON = "nullif(current_setting('bashu.person', true), '')"  # text: the person's public id
ORGANISATIONS = "string_to_array(nullif(current_setting('bashu.organisations', true), ''), ',')"  # text[]: public ids
JURISDICTIONS = "string_to_array(nullif(current_setting('bashu.jurisdictions', true), ''), ',')"  # text[]: codes

# Columns of a SELECT that set the scope; their parameters come from `scope_values`. For statements that do more in one trip.
SET_SCOPE = (
    "set_config('bashu.person', %s, true), set_config('bashu.organisations', %s, true), "
    "set_config('bashu.jurisdictions', %s, true)"
)


def scope_set(cursor: Any, *, person: object, organisations: Iterable[object], jurisdictions: Iterable[str]) -> None:
    """Set for the open transaction who acts: a person's public id (None for nobody), organisations' ids, codes.

    Replaces all three at once, in one round trip. Outside a transaction it has no effect, hence nothing is seen.
    """
    cursor.execute(f"SELECT {SET_SCOPE}", scope_values(person, organisations, jurisdictions))


def scope_values(person: object, organisations: Iterable[object], jurisdictions: Iterable[str]) -> list[str]:
    """The parameters of SET_SCOPE. Raises ValueError for a value that is empty or has a comma: it would read as none, or as two."""
    return ["" if person is None else str(person), _list(organisations), _list(jurisdictions)]


def _list(values: Iterable[object]) -> str:
    words = [str(value) for value in values]
    for word in words:
        if not word or "," in word:
            raise ValueError(f"not one identifier: {word!r}")
    return ",".join(words)
