"""The refusals of parties."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError
from bashu.kernel.parties.engine.credit_code import Flaw

FLAWS = {
    Flaw.LENGTH: _("it must have 18 characters"),
    Flaw.ALPHABET: _("it may only have digits and capital letters other than I, O, S, V and Z"),
    Flaw.DIVISION: _("characters 3 to 8 must be the digits of a division"),
    Flaw.CHECK: _("its last character does not fit the others"),
}


class CreditCodeInvalid(BashuError):
    """A unified social credit code that GB 32100-2015 does not admit."""

    code, status, message = "parties.credit_code", 422, _("{written} is not a unified social credit code: {flaw}.")


class CreditCodeTaken(BashuError):
    """Another organisation has the code."""

    code, status = "parties.credit_code_taken", 409
    message = _("An organisation with this unified social credit code exists already.")
    constraint = "organisation_credit_code_once"


class TextNeeded(BashuError):
    """A name that is missing or far too long."""

    code, status, message = "parties.text", 422, _("{field} needs between 1 and {longest} characters.")


class OrganisationDecided(BashuError):
    """The application was decided before, or the organisation is in another state than the act needs."""

    code, status, message = (
        "parties.organisation_state",
        409,
        _("The organisation is {state}; this is not possible now."),
    )


class SecondPersonNeeded(BashuError):
    """Two different people must stand behind a decision."""

    code, status = "parties.second_person", 403
    message = _("This needs a second person: neither who asked for it nor whom it concerns.")


class RoleNotOffered(BashuError):
    """A role that organisations of this kind do not have."""

    code, status, message = "parties.role", 409, _("Organisations of this kind have no members with the role {role}.")


class EmailMalformed(BashuError):
    """An address to which no mail can be sent."""

    code, status, message = "parties.email", 422, _("This is not an e-mail address.")


class InvitationSpent(BashuError):
    """An invitation is good for one acceptance within seven days."""

    code, status = "parties.invitation_spent", 409
    message = _("The invitation was used, withdrawn, or has expired. Ask for a new one.")


class InvitationForAnother(BashuError):
    """The invitation was sent to somebody else's address."""

    code, status = "parties.invitation_other", 403
    message = _("The invitation is for another e-mail address. Sign in with that address to accept it.")


class PasswordWeak(BashuError):
    """The password does not meet the rules."""

    code, status, message = "parties.password", 422, "{reasons}"


class AlreadyMember(BashuError):
    """One live membership per person, organisation and role."""

    code, status, message = "parties.member_already", 409, _("This person has that role in the organisation already.")
    constraint = "membership_once"


class MembershipDecided(BashuError):
    """The membership is not in the state that the act needs."""

    code, status, message = "parties.membership_state", 409, _("The membership is {state}; this is not possible now.")


class ScopeUnknown(BashuError):
    """A scope that names no command and no room."""

    code, status, message = (
        "parties.scope",
        422,
        _("{scope} is neither a command nor a room of commands ending in a dot."),
    )


class TokenLifetime(BashuError):
    """A token that would be dead at once or live for more than a year."""

    code, status, message = (
        "parties.token_lifetime",
        422,
        _("A token expires in the future, at most {days} days from now."),
    )


class TokenRevoked(BashuError):
    """A token that was revoked before."""

    code, status, message = "parties.token_revoked", 409, _("The token was revoked before.")


class PersonErased(BashuError):
    """A person whose data were erased before."""

    code, status, message = "parties.person_erased", 409, _("This person's data were erased before.")
