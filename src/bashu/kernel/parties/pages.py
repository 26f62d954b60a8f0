"""Pages about organisations, members, invitations, tokens and one's own account."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.middleware import get_user
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import BashuError, Forbidden, SignInNeeded
from bashu.kernel.parties import demo, forms, selectors, services
from bashu.kernel.parties.models import ApiToken, Invitation, MembershipState, Organisation, Person
from bashu.kernel.web.pages import show, submit
from bashu.kernel.web.requests import actor_of, command_of
from bashu.kernel.web.table import Column, Kind, Table

INVITED = "bashu_invitation"  # the cookie that holds an invitation's secret once it has left the address bar
SECRET = "secret"  # noqa: S105 - its name in the query, which access logs leave out
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

ORGANISATIONS = [
    Column("name_zh", _("Organisation"), search=True, link="address"),
    Column("name_en", _("English name"), search=True),
    Column("jurisdiction", _("Jurisdiction"), value=lambda body: body.get_jurisdiction_display()),
    Column("kind", _("Kind"), value=lambda body: body.get_kind_display()),
    Column("state", _("State"), value=lambda body: body.get_state_display()),
]
METHODS = {
    "password": _("password"), "totp": _("authenticator app"), "recovery_codes": _("recovery code"), "mfa": _("second factor"),
}  # fmt: skip
SIGN_INS = [
    Column("at", _("Time"), kind=Kind.DATE),
    Column("outcome", _("Outcome"), value=lambda row: row.get_outcome_display()),
    Column(
        "method",
        _("Method"),
        value=lambda row: " + ".join(str(METHODS.get(word, word)) for word in row.method.split("+")),
    ),
    Column("network", _("Network")),
    Column("agent", _("Program")),
]


def in_real_time(ctx: Command) -> Command:
    """The command at this very moment, also in the demonstration: logins, letters and tokens live in real time."""
    return replace(ctx, now=datetime.now(UTC))


def about_oneself(ctx: Command) -> Command:
    """The command of a person who acts about himself alone, which he may without any role."""
    return replace(ctx, actor=services.oneself(ctx.actor))


def signed_in(request: HttpRequest) -> Actor:
    """Who is signed in; refuses (SignInNeeded) nobody."""
    actor = actor_of(request)
    if actor.id is None or not request.user.is_authenticated:
        raise SignInNeeded
    return actor


def person_of(request: HttpRequest) -> Person:
    """The signed-in person himself, where `request.user` is a stand-in that commands cannot lock. Refuses nobody (SignInNeeded)."""
    signed_in(request)
    return cast(Person, get_user(request))


def done(request: HttpRequest, said: str | Promise, to: str) -> HttpResponse:
    """Say what happened on the next page."""
    messages.success(request, str(said))
    return redirect(to)


def organisation_list(request: HttpRequest) -> HttpResponseBase:
    """All organisations the viewer may know of."""
    table = Table(ORGANISATIONS, selectors.organisation_list(actor_of(request)), request, name="organisations")
    return table.export() or render(request, "parties/organisations.html", {"table": table})


def organisation_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One organisation: its state, and for who looks after it members and invitations."""
    with selectors.seen_by(actor_of(request)):
        body = selectors.organisation_get(actor_of(request), public_id)
        return render(request, "parties/organisation.html", described(request, body))


def described(request: HttpRequest, body: Organisation) -> dict[str, Any]:
    """What an organisation's page shows."""
    actor = actor_of(request)
    return {
        "organisation": body,
        "decides": selectors.decides(actor, body),
        "manages": selectors.manages(actor, body.where),
        "memberships": list(selectors.membership_list(actor, body)),
        "invitations": list(selectors.invitation_list(actor, body)),
        "me": actor.id,
    }


def organisation_apply(request: HttpRequest) -> HttpResponse:
    """Put an organisation forward."""
    signed_in(request)
    return submit(
        request, forms.OrganisationForm(request.POST or None), "parties/apply.html", {},
        act=lambda ctx, data: services.organisation_apply(ctx=ctx, **data),
        to=lambda body: body.address,
        done=_("The application was sent. An office of the jurisdiction decides."),
    )  # fmt: skip


@require_POST
def organisation_approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Admit an organisation."""
    return organisation_act(request, public_id, services.organisation_approve, _("The organisation is active."))


@require_POST
def organisation_suspend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Suspend an organisation."""
    said = _("The organisation is suspended; its members can do nothing.")
    return organisation_act(request, public_id, services.organisation_suspend, said)


def organisation_act(
    request: HttpRequest, public_id: UUID, act: Callable[..., Organisation], said: Promise
) -> HttpResponse:
    """One decision about an organisation."""
    with selectors.seen_by(actor_of(request)):
        body = selectors.organisation_get(actor_of(request), public_id)
    act(ctx=command_of(request), organisation=body)
    return done(request, said, body.address)


def invite(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Invite an address to a role."""
    actor = signed_in(request)
    with selectors.seen_by(actor):
        body = selectors.organisation_get(actor, public_id)
    if not selectors.manages(actor, body.where):
        raise Forbidden(needed=" / ".join(sorted(selectors.MANAGERS)))

    def send(ctx: Command, data: dict[str, Any]) -> Invitation:
        invitation = services.invitation_send(ctx=in_real_time(ctx), organisation=body, **data)
        letter_send(request, invitation)
        return invitation

    form = forms.InvitationForm(request.POST or None, organisation=body)
    return submit(
        request, form, "parties/invite.html", {"organisation": body},
        act=send, to=lambda _sent: body.address, done=_("The invitation is on its way."),
    )  # fmt: skip


def letter_send(request: HttpRequest, invitation: Invitation) -> None:
    """Send an invitation's letter; a repeated request has no secret any more, and its letter went out before."""
    if invitation.secret is None or invitation.email is None:
        return
    link = request.build_absolute_uri(f"{reverse('parties:invitation')}?{SECRET}={invitation.secret}")
    body = gettext(
        "{organisation} invites you to Bashu as: {role}.\n\nOpen this address within seven days to accept; it works once:\n\n{link}\n\n"
        "If you did not expect this letter, ignore it."
    )
    send_mail(
        gettext("Invitation to Bashu"),
        body.format(organisation=invitation.organisation.name_zh, role=invitation.get_role_display(), link=link),
        None,
        [invitation.email],
    )


@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest) -> HttpResponse:
    """Accept an invitation: with a new login, or as who is signed in. The link's secret moves into a cookie first."""
    if SECRET in request.GET:
        return remembered(request.GET[SECRET])
    secret = request.COOKIES.get(INVITED, "")
    with selectors.seen_by(actor_of(request)):
        letter = selectors.invitation_open(secret)
        known = selectors.invitee_known(letter)
    person = person_of(request) if request.user.is_authenticated else None
    if known and person is None:
        return redirect(f"{reverse('account_login')}?next={reverse('parties:invitation')}")
    form = (forms.ConfirmForm if person else forms.AcceptForm)(request.POST if request.method == "POST" else None)

    def accept(ctx: Command, data: dict[str, Any]) -> object:
        data.pop("repeated", None)
        ctx = replace(in_real_time(ctx), actor=services.invitee(letter, person))
        found = services.invitation_accept(ctx=ctx, invitation=letter, secret=secret, **data)
        if person is None:
            login(request, found.person, backend=BACKEND)
        return found

    return submit(
        request, form, "parties/invitation.html", {"invitation": letter, "person": person},
        act=accept, to=lambda _found: reverse("parties:account"),
        done=_("Accepted. A second person must approve your membership before you can act."),
    )  # fmt: skip


def remembered(secret: str) -> HttpResponse:
    """Take the secret out of the address, where it would be seen, into a cookie that only the invitation's page gets."""
    response = redirect("parties:invitation")
    response.set_cookie(
        INVITED, secret, max_age=services.INVITATION_LIFE, path=reverse("parties:invitation"),
        httponly=True, secure=settings.BASHU_HTTPS, samesite="Lax",
    )  # fmt: skip
    return response


@require_POST
def membership_approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approve a pending member."""
    with selectors.seen_by(actor_of(request)):
        found = selectors.membership_get(actor_of(request), public_id)
    services.membership_approve(ctx=command_of(request), membership=found)
    return done(request, _("The member is active."), found.organisation.address)


@require_POST
def membership_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a membership."""
    with selectors.seen_by(actor_of(request)):
        found = selectors.membership_get(actor_of(request), public_id)
    services.membership_end(ctx=command_of(request), membership=found)
    return done(request, _("The membership has ended."), found.organisation.address)


@never_cache
def account(request: HttpRequest) -> HttpResponseBase:
    """One's own memberships and sign-ins."""
    person = person_of(request)
    table = Table(SIGN_INS, selectors.sign_in_list(person), request, name="sign-ins")
    context = {"memberships": list(selectors.memberships_of(person)), "table": table}
    return table.export() or render(request, "parties/account.html", context)


@require_POST
def leave_sessions(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions, this one too."""
    services.person_leave_sessions(ctx=about_oneself(command_of(request)), person=person_of(request))
    logout(request)
    return done(request, _("All sessions have ended. Sign in again."), "account_login")


@reauthentication_required
def erase(request: HttpRequest) -> HttpResponse:
    """Erase oneself."""
    person = person_of(request)

    def act(ctx: Command, _data: dict[str, Any]) -> object:
        services.person_erase(ctx=about_oneself(ctx), person=person)
        logout(request)
        return None

    return submit(
        request, forms.ConfirmForm(request.POST if request.method == "POST" else None), "parties/erase.html", {},
        act=act, to=lambda _erased: "/", done=_("Your name, address and login are erased."),
    )  # fmt: skip


@never_cache
@reauthentication_required
def tokens(request: HttpRequest) -> HttpResponse:
    """One's API tokens; a new one is shown once, on the answer to the form."""
    person = person_of(request)
    with selectors.seen_by(actor_of(request)):
        memberships = [member for member in selectors.memberships_of(person) if member.state == MembershipState.ACTIVE]
        kept = list(selectors.token_list(person))
    now = datetime.now(UTC)
    form = forms.TokenForm(request.POST or None, memberships=memberships, today=now)

    def create(ctx: Command, data: dict[str, Any]) -> ApiToken:
        membership = next(member for member in memberships if str(member.public_id) == data["membership"])
        return services.token_create(
            ctx=in_real_time(ctx),
            membership=membership,
            name=data["name"],
            scopes=data["scopes"],
            expires_at=form.expires_at(),
        )

    context = {"tokens": kept, "now": now}
    if request.method == "POST" and form.is_valid():
        try:
            token = create(command_of(request), form.cleaned_data)
        except BashuError as error:
            form.add_error(None, str(error))
            return show(request, form, "parties/tokens.html", context, status=error.status)
        fresh = forms.TokenForm(memberships=memberships, today=now)
        return show(
            request,
            fresh,
            "parties/tokens.html",
            {**context, "tokens": [token, *kept], "made": token},
            status=201,
            renew=True,
        )
    return show(request, form, "parties/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Revoke a token."""
    with selectors.seen_by(signed_in(request)):
        found = selectors.token_get(actor_of(request), public_id)
    services.token_revoke(ctx=in_real_time(command_of(request)), token=found)
    return done(request, _("The token is revoked."), "parties:tokens")


class Login(LoginView):  # type: ignore[misc]
    """Signing in; in the demonstration the page shows the demonstration's logins."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page's context with the demonstration's logins, none on a real node."""
        return {**super().get_context_data(**kwargs), "demo_logins": demo.logins() if settings.BASHU_DEMO else []}
