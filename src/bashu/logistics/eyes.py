"""Looking further than the actor may: what a command must know or move of others' legs to keep the whole in order."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

from bashu.kernel.commands.actor import JOINT
from bashu.kernel.database.scope import JURISDICTIONS

LOOK = "SELECT current_setting('bashu.jurisdictions', true), set_config('bashu.jurisdictions', %s, true)"
BACK = "SELECT set_config('bashu.jurisdictions', %s, true)"
assert "bashu.jurisdictions" in JURISDICTIONS, "the name of the setting stands in the kernel"


@contextmanager
def as_node() -> Iterator[None]:
    """Inside the block the open transaction sees and writes as the joint office does; afterwards as before.

    For exactly the step that needs it: giving space back on everybody's legs, asking whether customs lets a box go.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [JOINT])
        before = cursor.fetchone()[0] or ""
    try:
        yield
    except BaseException:
        with suppress(DatabaseError):  # a broken transaction forgets its settings by itself
            scope_back(before)
        raise
    scope_back(before)


def scope_back(jurisdictions: str) -> None:
    """Set the transaction's jurisdictions as they were."""
    with connection.cursor() as cursor:
        cursor.execute(BACK, [jurisdictions])
