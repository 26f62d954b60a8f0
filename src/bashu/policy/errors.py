"""What policy refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError, Forbidden


class FilesRefused(BashuError):
    """Rule, entity, catalogue or project files with faults; each was named before."""

    code, status, message = "policy.files_refused", 422, _("{count} faults in the files; nothing was computed.")


class ReplayDiffers(BashuError):
    """A saved run that does not come out again as it was kept: a row or a rule was altered."""

    code, status, message = "policy.replay_differs", 409, _("{count} things differ from what was saved.")


class RulesDoubtful(BashuError):
    """`lint` found something."""

    code, status, message = "policy.rules_doubtful", 422, _("{count} findings in the rules.")


class RuleTestsFailed(BashuError):
    """Tests beside the rules fail."""

    code, status, message = "policy.tests_failed", 422, _("{failed} of {count} rule tests fail.")


class ReasonMissing(BashuError):
    """A refusal, a return, a revocation says why."""

    code, status, message = "policy.reason", 422, _("Say why.")


class FactUnknown(BashuError):
    """A profile holds facts that some rule reads."""

    code, status, message = "policy.profile.unknown", 422, _("No rule reads a fact called {fact}.")


class FactWrong(BashuError):
    """A fact's value must be one that rules can compute with."""

    code, status, message = "policy.profile.value", 422, _("{fact}: {problem}")


class FactOlder(BashuError):
    """What is newer, or stated by an authority for the same day, is not overwritten."""

    code, status = "policy.profile.older", 409
    message = _("{fact} is known as of {as_of} ({origin}). State it as of a later day.")


class FactFromRecords(BashuError):
    """What the region's own records tell is not declared."""

    code, status = "policy.profile.from_records", 409
    message = _("{fact} is taken from other systems' records; it is not declared. An office can correct it.")


class FactsDisagree(BashuError):
    """Facts of one enterprise must be possible together."""

    code, status = "policy.profile.disagree", 422
    message = _("These facts contradict what is known: {problem}. State both together.")


class CatalogueRefused(BashuError):
    """A catalogue that cannot be read, or whose amounts somebody would have to type."""

    code, status, message = "policy.catalogue.refused", 422, _("The catalogue was not published: {problem}")


class CatalogueStands(BashuError):
    """The same words are published once."""

    code, status, message = "policy.catalogue.stands", 409, _("This version of the catalogue is published already.")
    constraint = "policy_catalogue_digest_key"


class OfferAnswered(BashuError):
    """An offer is answered once, in time."""

    code, status, message = "policy.offer.answered", 409, _("This offer is not open any more: {state}.")


class OfferLapsed(BashuError):
    """An offer stands for a time."""

    code, status, message = "policy.offer.lapsed", 409, _("This offer stood until {until}. Apply instead.")


class ItemSuperseded(BashuError):
    """One applies under the catalogue that holds."""

    code, status = "policy.item.superseded", 409
    message = _("The catalogue was replaced by a newer version. Apply for an item of that one.")


class FactsMissing(BashuError):
    """An amount cannot be computed from what is known."""

    code, status, message = (
        "policy.application.facts",
        409,
        _("Not known yet: {facts}. State them with the application."),
    )


class NotEligible(BashuError):
    """What is known of the enterprise does not meet the item's conditions."""

    code, status = "policy.application.not_eligible", 409
    message = _("As its profile stands, the enterprise has no claim to this item.")


class ApplicationTwice(BashuError):
    """One application for an item and a year at a time."""

    code, status, message = (
        "policy.application.twice",
        409,
        _("An application for this item and year is under way or granted."),
    )
    constraint = "application_once"


class StepWrong(BashuError):
    """Steps come in their order."""

    code, status, message = (
        "policy.application.step",
        409,
        _("This cannot be done now. The application stands at: {state}."),
    )


class SecondPersonNeeded(BashuError):
    """Who reviewed does not decide."""

    code, status = "policy.application.same_person", 403
    message = _("You reviewed this application; somebody else must decide.")
    constraint = "application_second_person"


class TopicTaken(BashuError):
    """A topic is supported once a year, by either province, never by both."""

    code, status = "policy.application.topic_taken", 409
    message = _("Support on this topic was granted for the year already, by either province. Both never pay.")
    constraint = "award_topic_once"


class GrantRefused(BashuError):
    """The catalogue's limits leave no room for the item."""

    code, status, message = (
        "policy.application.limits",
        409,
        _("The catalogue's limits do not allow it. {why}"),
    )


class BudgetExhausted(BashuError):
    """A budget is never overdrawn."""

    code, status = "policy.budget.exhausted", 409
    message = _("The budget “{budget}” has {left_yuan} yuan left; the application needs {needed_yuan}.")


class BudgetOverdrawn(BashuError):
    """The database's own word on the same."""

    code, status, message = "policy.budget.overdrawn", 409, _("The budget would be overdrawn.")
    constraint = "budget_never_overdrawn"


class OrderUsed(BashuError):
    """One payment order pays one application."""

    code, status, message = "policy.payment.order_used", 409, _("This payment order paid something else already.")
    constraint = "policy_payment_order_key"


class PaidAlready(BashuError):
    """An application is paid once."""

    code, status, message = "policy.payment.twice", 409, _("This application was paid already.")
    constraint = "policy_payment_application_id_key"


class AppealLate(BashuError):
    """An appeal is filed in time."""

    code, status, message = "policy.appeal.late", 409, _("An appeal was possible until {until}.")


class AppealTwice(BashuError):
    """One appeal for each application."""

    code, status, message = "policy.appeal.twice", 409, _("An appeal was filed already.")
    constraint = "policy_appeal_application_id_key"


class AppealToSameOffice(BashuError):
    """Another office than the one that refused decides."""

    code, status = "policy.appeal.same_office", 403
    message = _("Your office took the decision appealed against; another office decides the appeal.")
    constraint = "appeal_to_another_office"


class AppealDecided(BashuError):
    """An appeal is decided once."""

    code, status, message = "policy.appeal.decided", 409, _("This appeal was decided already.")


class DelegationNotInForce(BashuError):
    """An act cites a delegation in force."""

    code, status, message = (
        "policy.delegation.not_in_force",
        409,
        _("The delegation is not in force on {day}: {standing}."),
    )


class ActNotDelegated(BashuError):
    """Only the kinds of acts that were lent."""

    code, status, message = "policy.delegation.act", 409, _("This delegation does not cover acts of the kind {kind}.")


class OutOfArea(BashuError):
    """Only within the area, on the side whose power was lent."""

    code, status, message = (
        "policy.delegation.area",
        409,
        _("{place} is not in the part of {area} for which the power was lent."),
    )


class DelegationWrong(BashuError):
    """A delegation that cannot be granted as written."""

    code, status, message = "policy.delegation.wrong", 422, _("{problem}")


class NotLender(Forbidden):
    """Only the side whose power it is lends it and takes it back."""

    code, status = "policy.delegation.not_lender", 403
    message = _(
        "Only the authority whose power it is lends it and takes it back; yours is another. Ask that authority."
    )


class NotBorrower(Forbidden):
    """Only the body to which a power was lent acts under it."""

    code, status = "policy.delegation.not_borrower", 403
    message = _("Only the body to which the power was lent acts under it; yours is another.")


class OtherSide(Forbidden):
    """One side's matter is its own offices', and those both governments run together."""

    code, status = "policy.other_side", 403
    message = _("This belongs to the other side, or to both together: only its own offices may do it.")


class DelegationRevoked(BashuError):
    """A delegation is revoked once."""

    code, status, message = "policy.delegation.revoked", 409, _("This delegation was revoked on {day}.")


class DelegationNeeded(BashuError):
    """Who is no office of the side acts under a delegated power, or not at all."""

    code, status, message = "policy.delegation.needed", 403, _("Your body needs a delegation to do this. Cite one.")


class LandShort(BashuError):
    """A quota is never exceeded."""

    code, status = "policy.land.short", 409
    message = _("Only {left} m² are left; {asked} m² were asked for.")


class LandOver(BashuError):
    """The database's own word on the same."""

    code, status, message = "policy.land.over", 409, _("The land quota would be exceeded.")
    constraint = "land_never_over"


class LandBeyondArea(BashuError):
    """A plan fits into the area."""

    code, status = "policy.land.beyond_area", 409
    message = _("The plan would be {planned} m²; this side of the area measures {extent} m² ({source}).")


class TariffWrong(BashuError):
    """A tariff that cannot be published."""

    code, status, message = "policy.tariff.wrong", 422, _("{problem}")


class TariffStands(BashuError):
    """Of one thing in one territory one tariff is in force."""

    code, status = "policy.tariff.stands", 409
    message = _("Somebody else published the same tariff in this moment. Look at the list, then publish again.")
    constraint = "tariff_one_open"


class TariffAssumed(BashuError):
    """No invented price passes as real."""

    code, status = "policy.tariff.assumed", 422
    message = _("Assumed tariffs belong to the demonstration. Publish what a document says, with its source.")
