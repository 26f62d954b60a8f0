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


class PeerMissing(BashuError):
    """The tool to compare with is not installed."""

    code, status = "power.peer.missing", 409
    message = _("{peer} is not installed here: {install}.")


class PeerFailed(BashuError):
    """The tool to compare with found no optimum."""

    code, status = "power.peer.failed", 409
    message = _("{peer} found no optimum: {status}.")


class PeerDiffers(BashuError):
    """Two tools give one network two costs."""

    code, status = "power.peer.differs", 409
    message = _("The costs differ: {ours} here, {theirs} from {peer}.")
