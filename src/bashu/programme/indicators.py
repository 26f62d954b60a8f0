"""What the scoreboard can measure from its own records."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.command import label_of
from bashu.kernel.indicators.registry import Coverage, Measurement, indicator
from bashu.programme import selectors


@indicator(
    "programme.convenience_done", subject="T10", unit="项", unit_en="categories", coverage=Coverage.PARTIAL,
    purpose=_("Categories of convenient-living measures reported done. The page names eight categories, not the 27 measures."),
)  # fmt: skip
def convenience_done(as_of: date) -> Measurement | None:
    """How many of the named categories an office had reported done by a day; None before any office reported anything."""
    states = selectors.task_states(group="convenience", as_of=as_of)
    if not states:
        return None
    done = [label_of(task) for task, state in states if state == "done"]
    return Measurement(value=Decimal(len(done)), period_end=as_of, sources=tuple(done))
