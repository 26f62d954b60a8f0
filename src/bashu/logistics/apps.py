"""Django's name for this system."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from bashu.kernel.web import navigation
from bashu.logistics import readiness


class LogisticsConfig(AppConfig):
    """System E: one consignment through the ports of both provinces."""

    name = "bashu.logistics"
    label = "logistics"
    verbose_name = _("Logistics")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the system's places into the navigation, and its engine among what /health/ready tells."""
        navigation.register(_("Planner"), "logistics:planner", order=30, system=_("Logistics"))
        navigation.register(_("Network"), "logistics:network", order=31)
        navigation.register(_("Bookings"), "logistics:consignments", order=32, signed_in=True)
        navigation.register(_("Operator's desk"), "logistics:operator_desk", order=33, signed_in=True)
        navigation.register(_("Customs desk"), "logistics:customs_desk", order=34, signed_in=True)
        navigation.register(_("Figures"), "logistics:indicators", order=35)
        from bashu.kernel.web import health  # it reads the journal's models, which are there only now

        health.ENGINES["logistics"] = readiness.is_ready
