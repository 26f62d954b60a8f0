"""What this system refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class WhereUnknown(BashuError):
    """No hub and no division has that code or name."""

    code, status = "logistics.place_unknown", 404
    message = _("{text} names no place of the network. {suggestions}")


class WhereAmbiguous(BashuError):
    """Several places have that name; a code tells them apart."""

    code, status = "logistics.place_ambiguous", 409
    message = _("{text} names several places: {candidates}. Give the code.")


class OutOfReach(BashuError):
    """No hub of the network can be reached by road from the place."""

    code, status = "logistics.out_of_reach", 409
    message = _("No hub lies within {reach} km of {text} by road.")


class SamePlace(BashuError):
    """Origin and destination are one hub or place."""

    code, status = "logistics.same_place", 409
    message = _("{origin} and {destination} are one place.")


class DemandWrong(BashuError):
    """The consignment cannot be read."""

    code, status = "logistics.demand", 422
    message = _("{field}: {problem}")


class NetworkRefused(BashuError):
    """The folder is not a network; `problems` in the context lists every wrong line."""

    code, status = "logistics.network", 422
    message = _("The network in {folder} was refused: {count} problems; nothing was read. The first: {first}")
