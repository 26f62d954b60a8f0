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


class TreeRefused(BashuError):
    """The scenario tree says something that cannot be solved."""

    code, status = "power.tree.refused", 422
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


class HoursRefused(BashuError):
    """A file of hours has faults; nothing of it was taken."""

    code, status = "power.hours.refused", 422
    message = _("{count} faults; the first: {first}")


class UnitTaken(BashuError):
    """A unit of that code is on record."""

    code, status = "power.unit.taken", 409
    message = _("A unit of that code is on record already.")
    constraint = "power_unit_code_key"


class PartyWrong(BashuError):
    """The organisation cannot have this part."""

    code, status = "power.party.wrong", 409
    message = _("{organisation}: {problem}")


class MonthOpen(BashuError):
    """The month is not over."""

    code, status = "power.month.open", 409
    message = _("{month} is not over. Certificates are issued for a whole month.")


class MonthEmpty(BashuError):
    """Nothing was metered in the month."""

    code, status = "power.month.empty", 409
    message = _("No hour of {month} was metered for {unit}. Import its hours first.")


class AlreadyIssued(BashuError):
    """The month was issued; nothing more is issued for it, and no hour is added to it."""

    code, status = "power.batch.issued", 409
    message = _("Certificates of this unit and month are issued: nothing is added.")
    constraint = "power_batch_once"


class OutOfOrder(BashuError):
    """An earlier month waits: what a unit carries goes forward in time only."""

    code, status = "power.batch.order", 409
    message = _("{unit}: months are issued in order, and {month} waits.")


class NotCertified(BashuError):
    """The rule says that this energy gets no certificates."""

    code, status = "power.unit.not_certified", 409
    message = _("{unit} gets no certificates (rule {rule}).")


class TooMany(BashuError):
    """The holding has not that many certificates at the numbers asked for."""

    code, status = "power.holding.too_many", 409
    message = _("The holding has certificates {first} to {last}: {asked} is not among them.")


class NotHeld(BashuError):
    """The certificates are offered or retired."""

    code, status = "power.holding.not_held", 409
    message = _("These certificates are no longer free: {state}.")


class NotTradable(BashuError):
    """The certificates may be retired by their generator and nothing else."""

    code, status = "power.holding.not_tradable", 409
    message = _("These certificates may not change hands (rule {rule}).")


class Expired(BashuError):
    """The certificates outlived their time."""

    code, status = "power.holding.expired", 409
    message = _("These certificates lived until {expires_on}.")


class OfferAnswered(BashuError):
    """The offer was answered or taken back."""

    code, status = "power.transfer.answered", 409
    message = _("This offer is closed: {state}.")


class RetirementClaimed(BashuError):
    """Another record rests on this retirement."""

    code, status = "power.retirement.claimed", 409
    message = _("A record of another system rests on this retirement already; it serves once.")
    constraint = "power_retirementclaim_retirement_id_key"


class EnergyCertified(BashuError):
    """The hours are certified, or their month is issued: their energy cannot be credited too."""

    code, status = "power.energy.certified", 409
    message = _("Hours up to {month} are certified or closed for {unit}: the same energy is not credited too.")


class EnergyCredited(BashuError):
    """The hours are credited already."""

    code, status = "power.energy.credited", 409
    message = _("Some of these hours are credited already.")
    constraint = "power_credit_once"


class SettlementRefused(BashuError):
    """The division does not say what a settlement needs."""

    code, status = "power.settlement.refused", 422
    message = _("{place}: {problem}")


class SettlementDecided(BashuError):
    """The settlement is no longer open."""

    code, status = "power.settlement.decided", 409
    message = _("This settlement is closed: {state}.")


class SignedAlready(BashuError):
    """The same grid, or the same person, signed already."""

    code, status = "power.settlement.signed", 409
    message = _("This side has signed: the other one must.")
    constraint = "power_settlementsignature_pkey"


class SignedByOnePerson(BashuError):
    """The same person signed for the other side."""

    code, status = "power.settlement.same_person", 409
    message = _("You signed for the other side: a second person must sign.")
    constraint = "power_signature_two_people"


class PeriodSettled(BashuError):
    """A binding settlement of the period stands."""

    code, status = "power.settlement.period", 409
    message = _("A binding settlement of these days stands.")
    constraint = "power_settlement_period_once"


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


class ChancesWrong(BashuError):
    """The chances of a scenario tree make no whole."""

    code, status = "power.chances.wrong", 422
    message = _("Give each season a chance in whole per cent, 100 in all, and the line's outage one from 0 to 100.")
