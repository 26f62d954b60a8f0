"""Django's name for this system."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PowerConfig(AppConfig):
    """System I: one dispatch for two grids, its value and its division."""

    name = "bashu.power"
    label = "power"
    verbose_name = _("Power")
    default_auto_field = "django.db.models.BigAutoField"
