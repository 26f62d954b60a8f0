"""Django's name for this system."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    """System G: rules as data, lower of two levies, either of two supports."""

    name = "bashu.policy"
    label = "policy"
    verbose_name = _("Policy")
    default_auto_field = "django.db.models.BigAutoField"
