"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class PlaceUnknown(BashuError):
    """No division of that code or name was in being on the day."""

    code, status = "places.unknown", 404
    message = _("{text} names no place on {as_of}.")


class PlaceEnded(PlaceUnknown):
    """The division existed once; the message says what it became."""

    code, status = "places.ended", 404
    message = _("{text} names no place on {as_of}. On {changed_on} it became: {candidates}.")


class PlaceAmbiguous(BashuError):
    """Several divisions have that name; a code or a longer name tells them apart."""

    code, status = "places.ambiguous", 409
    message = _("{text} names several places: {candidates}. Give the code or the longer name.")


class BoundariesUnreadable(BashuError):
    """The operator's own map is not in the documented format."""

    code, status = "places.boundaries", 503
    message = _("The map {path} cannot be read: {problem}. See the format in the places room's README.")
