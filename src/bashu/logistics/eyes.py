"""Looking further than the actor may: what a command must know or move of others' legs to keep the whole in order."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

from bashu.kernel.commands.actor import JOINT
from bashu.kernel.database.scope import SET_SCOPE

NAMES = ("bashu.person", "bashu.organisations", "bashu.jurisdictions")
LOOK = ", ".join(f"current_setting('{name}', true)" for name in NAMES)


@contextmanager
def as_node() -> Iterator[None]:
    """Inside the block the open transaction sees and writes as the joint office does; afterwards as before.

    For exactly the step that needs it: giving space back on everybody's legs, asking whether customs lets a box go.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {LOOK}, set_config('bashu.jurisdictions', %s, true)", [JOINT])
        before = [value or "" for value in cursor.fetchone()[:3]]
    try:
        yield
    except BaseException:
        with suppress(DatabaseError):  # a broken transaction forgets its settings by itself
            scope_back(before)
        raise
    scope_back(before)


def scope_back(values: list[str]) -> None:
    """Set the transaction's scope as it was: person, organisations, jurisdictions."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {SET_SCOPE}", values)
