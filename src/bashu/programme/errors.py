"""What the scoreboard refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class ReadingDecided(BashuError):
    """Confirmed, rejected and withdrawn readings do not change any more."""

    code, status = "programme.reading.decided", 409
    message = _("This reading is already {state}. Report a new one to correct it.")


class SamePerson(BashuError):
    """The second person is a second person."""

    code, status = "programme.reading.same_person", 403
    message = _("You reported this reading; somebody else must confirm it.")
    constraint = "reading_second_person"


class PeriodTaken(BashuError):
    """One confirmed figure stands for one side, period and coverage."""

    code, status = "programme.reading.period_taken", 409
    message = _("A confirmed reading already stands for this side and period. Withdraw it first.")
    constraint = "reading_one_confirmed"


class PeriodRunsBackwards(BashuError):
    """A period ends after it starts."""

    code, status = "programme.reading.period", 422
    message = _("The period must start on or before the day it ends.")
    constraint = "reading_period_runs_forward"


class PeriodNotOver(BashuError):
    """A figure of a period is known when the period is over."""

    code, status = "programme.reading.future", 422
    message = _("The period ends on {period_end}, after today ({today}). Report it when it is over.")


class ValueWrong(BashuError):
    """A target with a number takes a number; a qualitative one takes yes or no."""

    code, status, message = "programme.reading.value", 422, _("{problem}")


class EvidenceMissing(BashuError):
    """A reported figure rests on something others can look at."""

    code, status = "programme.reading.evidence", 422
    message = _("Attach at least one file of evidence, or a roster of enterprises.")


class EvidenceRefused(BashuError):
    """A file that is not what its name says, or of a kind nobody should have to open."""

    code, status = "programme.evidence.refused", 422
    message = _("{name}: {problem}. Attach a PDF, PNG, JPEG, XLSX or UTF-8 CSV file of at most 10 MB.")


class RosterWrong(BashuError):
    """A roster is a list of valid credit codes and gives the reading its value."""

    code, status, message = "programme.roster.wrong", 422, _("Roster, line {line}: {problem}")


class ImportRefused(BashuError):
    """A file of readings is taken whole or not at all; every faulty row is named."""

    code, status = "programme.import.refused", 422
    message = _("Nothing was imported. {count} rows are wrong: {first}")


class TaskStateWrong(BashuError):
    """A change of state that changes nothing, or says nothing."""

    code, status, message = "programme.task.state", 409, _("The task is already {state}.")


class MilestoneMet(BashuError):
    """A milestone is met once."""

    code, status, message = "programme.milestone.met", 409, _("This milestone was met on {met_on}.")


class MilestoneAhead(BashuError):
    """A milestone is met on a day that has come."""

    code, status = "programme.milestone.ahead", 422
    message = _("{met_on} is after today ({today}). Report the milestone when it is met.")


class BlockerResolved(BashuError):
    """A blocking issue is resolved once."""

    code, status, message = "programme.blocker.resolved", 409, _("This blocking issue was resolved on {resolved_at}.")


class PlanExists(BashuError):
    """One plan a year."""

    code, status, message = "programme.plan.exists", 409, _("A plan for {year} exists already.")


class PlanClosed(BashuError):
    """A closed year does not change."""

    code, status, message = "programme.plan.closed", 409, _("The plan of {year} is closed.")


class PlanUnfinished(BashuError):
    """At the end of a year every item is done, carried with a reason, or dropped with a reason."""

    code, status = "programme.plan.unfinished", 409
    message = _("{count} open items have no decision yet, for instance {first}. Decide each: done, carried or dropped.")


class PlanItemTwice(BashuError):
    """A task stands once in a year's plan."""

    code, status, message = "programme.plan.item_twice", 409, _("This task is already in the plan of that year.")
    constraint = "plan_item_once"


class ReasonMissing(BashuError):
    """A refusal, a carry-over, a dropping says why."""

    code, status, message = "programme.reason", 422, _("Say why.")
    constraint = "plan_item_says_why"
