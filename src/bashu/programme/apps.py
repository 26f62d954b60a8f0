"""Django's name for this system."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from bashu.kernel.web import navigation


class ProgrammeConfig(AppConfig):
    """System A: what was promised, and what is known of it."""

    name = "bashu.programme"
    label = "programme"
    verbose_name = _("Scoreboard")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the scoreboard's places into the navigation."""
        navigation.register(_("Overview"), "programme:overview", order=10, system=_("Scoreboard"))
        navigation.register(_("Tasks"), "programme:tasks", order=11)
        navigation.register(_("Projects"), "programme:projects", order=12)
        navigation.register(_("Plans"), "programme:plans", order=13)
        navigation.register(_("What changed"), "programme:changes", order=14)
        navigation.register(_("Inbox"), "programme:inbox", order=15, signed_in=True)
