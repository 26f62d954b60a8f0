"""Django's name for this system."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from bashu.kernel.web import navigation


class PolicyConfig(AppConfig):
    """System G: rules as data, lower of two levies, either of two supports."""

    name = "bashu.policy"
    label = "policy"
    verbose_name = _("Policy")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the system's places into the navigation."""
        navigation.register(_("What can I get"), "policy:entitled", order=40, system=_("Policy"))
        navigation.register(_("Rules"), "policy:rules", order=41)
        navigation.register(_("What if"), "policy:whatif", order=42)
        navigation.register(_("My applications"), "policy:mine", order=43, signed_in=True)
        navigation.register(_("Desk"), "policy:desk", order=44, signed_in=True)
        navigation.register(_("Delegations and land"), "policy:powers", order=45)
