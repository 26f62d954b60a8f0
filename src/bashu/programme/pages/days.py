"""The day a page speaks of."""

from datetime import date

from django.http import HttpRequest

from bashu.kernel.web import clock


def as_of(request: HttpRequest) -> date:
    """The day asked for by `as_of=YYYY-MM-DD`, or today; what is no day is taken for today."""
    return day_or(request.GET.get("as_of", ""), clock.today())


def month_of(request: HttpRequest) -> date:
    """The first day of the month asked for by `month=YYYY-MM`, or of this month."""
    return day_or(f"{request.GET.get('month', '')}-01", clock.today()).replace(day=1)


def day_or(text: str, otherwise: date) -> date:
    """A day from its ISO form."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
