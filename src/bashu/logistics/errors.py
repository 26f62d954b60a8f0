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
    """The folder is not a network, or not one this sender may bring; `problems` in the context lists the wrong lines."""

    code, status = "logistics.network", 422
    message = _("The network in {folder} was refused: {count} problems; nothing was read. The first: {first}")


class NetworkKnown(BashuError):
    """The same network was imported before."""

    code, status = "logistics.network_known", 409
    message = _("This very network was imported before (version {version}). To use it again, go back to it.")


class NetworkInForce(BashuError):
    """The version to go back to is the one in force."""

    code, status = "logistics.network_in_force", 409
    message = _("This version is in force already.")


class HubUnknown(BashuError):
    """The network in force has no such hub."""

    code, status = "logistics.hub_unknown", 404
    message = _("The network has no hub {hub}.")


class ClosureWrong(BashuError):
    """A closure that ends before it begins, or is over."""

    code, status = "logistics.closure", 409
    message = _("A closure ends after it begins, and not in the past.")


class ClosureOver(BashuError):
    """The closure was lifted, or has ended."""

    code, status = "logistics.closure_over", 409
    message = _("This closure is over.")


class EngineWarming(BashuError):
    """The compiled engine is not loaded yet: asked again in a moment, the question is answered."""

    code, status = "logistics.warming", 503
    message = _("The planner is starting and answers in about {seconds} seconds. Ask again then.")
