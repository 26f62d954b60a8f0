"""Django's name for this room."""
from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """The room's app; its sign-in audit listens from the moment the app is ready."""

    name = "bashu.kernel.parties"
    label = "parties"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the sign-in audit."""
        from bashu.kernel.parties import signin

        signin.listen()
