"""Django's name for this room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    """The room's app."""

    name = "bashu.kernel.parties"
    label = "parties"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the sign-in audit; give everybody the way to the organisations."""
        from bashu.kernel.parties import signin
        from bashu.kernel.web import navigation

        signin.listen()
        navigation.register(_("Organisations"), "parties:organisations", order=80)
