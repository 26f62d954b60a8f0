"""The clock that commands and pages are given."""

from datetime import UTC, date, datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """This moment in UTC; in the demonstration, the fixed instant at which it stands."""
    if settings.BASHU_DEMO:
        return settings.DEMO_INSTANT.astimezone(UTC)
    return datetime.now(UTC)


def today() -> date:
    """Today in the region; in the demonstration, the day at which it stands."""
    return timezone.localdate(now())
