"""Django's name for this room."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The room's app."""

    name = "bashu.kernel.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
