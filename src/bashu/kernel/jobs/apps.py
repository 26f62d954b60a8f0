"""Django's name for this room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """The room's app."""

    name = "bashu.kernel.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Give those who are signed in the way to their jobs."""
        from bashu.kernel.web import navigation

        navigation.register(_("Jobs"), "jobs:list", order=95, signed_in=True)
