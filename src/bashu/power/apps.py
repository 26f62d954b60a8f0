"""Django's name for this system."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from bashu.kernel.web import navigation


class PowerConfig(AppConfig):
    """System I: one dispatch for two grids, its value and its division."""

    name = "bashu.power"
    label = "power"
    verbose_name = _("Power")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the system's places into the navigation."""
        navigation.register(_("Hour by hour"), "power:overview", order=50, system=_("Power"))
        navigation.register(_("Compare"), "power:compare", order=51)
        navigation.register(_("Benefit"), "power:benefit", order=52)
        navigation.register(_("Certificates"), "power:certificates", order=53)
        navigation.register(_("My matching score"), "power:matching", order=54, signed_in=True)
        navigation.register(_("Facts of the grids"), "power:facts", order=55)
