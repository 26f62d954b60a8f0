"""Django's name for this room."""

from django.apps import AppConfig


class CommandsConfig(AppConfig):
    """The room's app."""

    name = "bashu.kernel.commands"
    label = "commands"
    default_auto_field = "django.db.models.BigAutoField"
