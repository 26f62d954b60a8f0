"""What the power system refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class FileUnreadable(BashuError):
    """The file is not what its name says, or a needed part is missing."""

    code, status = "power.file.unreadable", 422
    message = _("{place}: {problem}")


class Unsupported(BashuError):
    """An attribute or table that would change the answer and that this engine does not know: never passed over."""

    code, status = "power.unsupported", 422
    message = _("{attribute} is not supported ({value}): remove it or use another tool. Nothing was solved.")


class NetworkRefused(BashuError):
    """The network contradicts itself, or cannot mean what it says."""

    code, status = "power.network.refused", 422
    message = _("The network is refused. {problems}")


class NotExportable(BashuError):
    """The target format cannot hold what the network says."""

    code, status = "power.export.refused", 409
    message = _("{attribute} cannot be written to a PyPSA network ({value}).")


class NotSolved(BashuError):
    """The solve ended without an optimum, and so without an answer."""

    code, status = "power.not_solved", 409
    message = _("No optimal dispatch: {status}. {explanation}")


class PlayersRefused(BashuError):
    """The list of players does not divide the network."""

    code, status = "power.players.refused", 422
    message = _("{place}: {problem}")


class HorizonRefused(BashuError):
    """The hours asked for cannot be modelled."""

    code, status = "power.horizon.refused", 422
    message = _("This horizon cannot be modelled: {problem}.")


class CaseStale(BashuError):
    """The facts of the region are no longer those the case was made from."""

    code, status = "power.case.stale", 409
    message = _("The facts of the region have changed since this case was made. Make a new case.")


class CasePublished(BashuError):
    """What is public stays public."""

    code, status = "power.case.published", 409
    message = _("This case is public already.")


class NothingSolved(BashuError):
    """A case without a single optimum says nothing to the public."""

    code, status = "power.case.empty", 409
    message = _("No run of this case has an optimum yet. Publish it when one has.")


class Recorded(BashuError):
    """A result is written once."""

    code, status = "power.result.recorded", 409
    message = _("This result is recorded already.")


class WeightsWrong(BashuError):
    """The Nash solution needs one positive weight a player."""

    code, status = "power.weights.wrong", 422
    message = _("Give {players} weights, each a whole number above zero.")
