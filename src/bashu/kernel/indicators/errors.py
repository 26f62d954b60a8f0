"""What the indicators room refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class UnknownIndicator(BashuError):
    """No installed system offers this reading."""

    code, status, message = "indicators.unknown", 404, _("No system offers the indicator “{indicator}”.")


class MisplacedMeasurement(BashuError):
    """A selector answered with a figure from after the day it was asked about: a fault of that system."""

    code, status = "indicators.misplaced", 500
    message = _("The indicator “{indicator}” was asked as of {as_of} and answered with a figure up to {period_end}.")
