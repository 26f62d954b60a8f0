"""Django's name for this system."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammeConfig(AppConfig):
    """System A: what was promised, and what is known of it."""

    name = "bashu.programme"
    label = "programme"
    verbose_name = _("Scoreboard")
    default_auto_field = "django.db.models.BigAutoField"
