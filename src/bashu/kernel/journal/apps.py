"""Django's name for this room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    """The room's app."""

    name = "bashu.kernel.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Stand in the navigation."""
        from bashu.kernel.web import navigation

        navigation.register(_("Journal"), "journal:overview", order=90)
