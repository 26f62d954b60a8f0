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


class QuoteWrong(BashuError):
    """The token was not signed by this node, or was changed since."""

    code, status = "logistics.quote", 422
    message = _("This is not a quote of this node, or it was changed. Ask the planner for a new one.")


class QuoteExpired(BashuError):
    """The quote's time is over, or its first departure has gone."""

    code, status = "logistics.quote_expired", 409
    message = _("The quote was good until {until}. Ask the planner for a new one.")


class QuoteOutdated(BashuError):
    """The network has changed since the quote was made."""

    code, status = "logistics.quote_outdated", 409
    message = _("The timetable was renewed since this quote was made. Ask the planner for a new one.")


class SpaceGone(BashuError):
    """A departure has not enough space left; nothing of the consignment is held."""

    code, status = "logistics.space_gone", 409
    message = _(
        "{service} leaving {origin} on {departs_at} has no longer space for {teu} TEU. Nothing is held; choose another way."
    )


class HubClosed(BashuError):
    """A hub on the way is closed."""

    code, status = "logistics.hub_closed", 409
    message = _("{hub} is closed. Ask the planner for a way round it.")


class CargoDiffers(BashuError):
    """The goods are not those the quote was made for."""

    code, status = "logistics.cargo_differs", 409
    message = _(
        "The quote was made for {quoted}; the booking says {given}. Ask the planner for a quote for these goods."
    )


class GoodsWrong(BashuError):
    """What the goods are said to be cannot be."""

    code, status = "logistics.goods", 422
    message = _("{field}: {problem}")


class HoldExpired(BashuError):
    """The hold's time is over: its space has gone back."""

    code, status = "logistics.hold_expired", 409
    message = _("The hold ended at {until} and its space went back. Book again from a new quote.")


class ConsignmentMoved(BashuError):
    """The consignment is in a state in which this cannot be done."""

    code, status = "logistics.consignment_state", 409
    message = _("The consignment is {state}: this can no longer be done.")


class LegMoved(BashuError):
    """The leg is in a state in which this cannot be done."""

    code, status = "logistics.leg_state", 409
    message = _("The leg is {state}: this can no longer be done.")


class NothingChanged(BashuError):
    """An amendment that says what is on record already."""

    code, status = "logistics.nothing_changed", 409
    message = _("Nothing differs from what is on record.")


class AlreadyDeclared(BashuError):
    """Customs has taken the goods as declared."""

    code, status = "logistics.declared", 409
    message = _(
        "Customs at {hub} has accepted these goods as declared. Withdraw the declaration first, or ask its office."
    )


class BoxNumberWrong(BashuError):
    """A container number that ISO 6346 does not know, or that stands twice."""

    code, status = "logistics.box_number", 422
    message = _("{number}: {problem}")


class DocumentKnown(BashuError):
    """The same file is attached already."""

    code, status, constraint = "logistics.document_known", 409, "document_once"
    message = _("A document with this digest is attached already.")


class RouteDiffers(BashuError):
    """The new option does not continue this consignment."""

    code, status = "logistics.route_differs", 409
    message = _("The new way must lead from {origin} to {destination}; this quote does not.")


class ConnectionOutOfReach(BashuError):
    """The goods are foreseen at a hub only after the cut-off of what the new way boards there."""

    code, status = "logistics.connection_out_of_reach", 409
    message = _("The goods cannot be in {hub} in time for {service}. Choose a later departure.")


class NoOffice(BashuError):
    """No office clears goods at that hub, or the consignment does not call there."""

    code, status = "logistics.no_office", 409
    message = _("{hub} is no port of entry on this consignment's way with an office responsible for it.")


class DeclarationStands(BashuError):
    """There is one already."""

    code, status, constraint = "logistics.declaration_stands", 409, "declaration_one_standing"
    message = _("A declaration of this kind stands at this port already.")


class DeclarationMoved(BashuError):
    """The declaration is in a state in which this cannot be done."""

    code, status = "logistics.declaration_state", 409
    message = _("The declaration is {state}: this step does not follow.")


class CustomsHold(BashuError):
    """A customs hold stands."""

    code, status = "logistics.customs_hold", 409
    message = _("A customs hold stands. Lift it first.")


class TransitRefused(BashuError):
    """A bonded transit that cannot be."""

    code, status = "logistics.transit", 409
    message = _("{problem}")


class WhyMissing(BashuError):
    """A decision that others have to live with needs a reason."""

    code, status = "logistics.reason", 422
    message = _("Say why: the reason goes into the journal.")


class OfficeWrong(BashuError):
    """Only an active authority can clear goods."""

    code, status = "logistics.office", 422
    message = _("{name} is not an active authority.")


class EventWrong(BashuError):
    """A report that cannot be read."""

    code, status = "logistics.event", 422
    message = _("{field}: {problem}")


class EventDiffers(BashuError):
    """A reporter's reference stands for something else already."""

    code, status, constraint = "logistics.event_differs", 409, "event_once"
    message = _(
        "The reference {reference} was reported with other content before ({first}). A correction needs a reference of its own."
    )


class EventsRefused(BashuError):
    """A batch of reports with faulty rows; `rows` in the context lists them."""

    code, status = "logistics.events", 422
    message = _("{count} rows were refused; nothing was recorded. {first}")


class SubjectUnknown(BashuError):
    """Nothing that the reporter sees has this number or name."""

    code, status = "logistics.subject_unknown", 404
    message = _("{subject}: there is no such leg or departure, or it is none of yours.")


class NotReleased(BashuError):
    """Goods that customs has not let go are not loaded."""

    code, status = "logistics.not_released", 409
    message = _("Customs has not released these goods at {hub}: they cannot be loaded.")
