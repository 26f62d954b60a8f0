"""How sure a shipped fact is: the four words every room uses."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FactStatus(models.TextChoices):
    """A fact is cited or it is marked."""

    SOURCED = "sourced", _("Sourced")
    DERIVED = "derived", _("Derived")
    UNVERIFIED = "unverified", _("Unverified")
    ASSUMED = "assumed", _("Assumed")
