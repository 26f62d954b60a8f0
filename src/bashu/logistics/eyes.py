"""Looking further than the actor may: what a command must know or move of others' legs to keep the whole in order."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError

from bashu.kernel.commands.actor import JOINT
from bashu.kernel.database.prepared import prepared
from bashu.kernel.database.scope import SET_SCOPE

NAMES = ("bashu.person", "bashu.organisations", "bashu.jurisdictions")
LOOK = ", ".join(f"current_setting('{name}', true)" for name in NAMES)
LOOK_AND_SET = f"SELECT {LOOK}, set_config('bashu.jurisdictions', %s, true)"


@contextmanager
def as_node() -> Iterator[None]:
    """Inside the block the open transaction sees and writes as the joint office does; afterwards as before.

    For exactly the step that needs it: giving space back on everybody's legs, asking whether customs lets a box go.
    """
    before = [value or "" for value in prepared(LOOK_AND_SET, [JOINT])[0][:3]]
    try:
        yield
    except BaseException:
        with suppress(DatabaseError):  # a broken transaction forgets its settings by itself
            scope_back(before)
        raise
    scope_back(before)


def scope_back(values: list[str]) -> None:
    """Set the transaction's scope as it was: person, organisations, jurisdictions."""
    prepared(f"SELECT {SET_SCOPE}", values)
