"""Django's name for this room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The room's app."""

    name = "bashu.kernel.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
