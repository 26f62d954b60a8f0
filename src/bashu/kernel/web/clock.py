"""The clock that commands and pages are given."""

from datetime import UTC, datetime

from django.conf import settings


def now() -> datetime:
    """This moment in UTC; in the demonstration, the fixed instant at which it stands."""
    if settings.BASHU_DEMO:
        return settings.DEMO_INSTANT.astimezone(UTC)
    return datetime.now(UTC)
