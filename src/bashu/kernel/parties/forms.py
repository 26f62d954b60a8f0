"""The forms of the parties' pages."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import ROLE_NAMES
from bashu.kernel.commands.command import DECLARED
from bashu.kernel.parties.models import Jurisdiction, Kind, Membership, Organisation
from bashu.kernel.parties.services import READ_SCOPES

DEFAULT_DAYS = 90


class OrganisationForm(forms.Form):
    """An organisation put forward."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=18,
        required=False,
        help_text=_("18 characters; offices may have none."),
    )
    jurisdiction = forms.ChoiceField(label=_("Jurisdiction"), choices=Jurisdiction.choices)
    kind = forms.ChoiceField(label=_("Kind"), choices=[choice for choice in Kind.choices if choice[0] != Kind.NODE])


class InvitationForm(forms.Form):
    """An address invited to a role that the organisation offers."""

    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("The letter with the invitation goes there; it is good for seven days.")
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: object, organisation: Organisation, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["role"].choices = [(role.value, ROLE_NAMES[role]) for role in organisation.roles]  # type: ignore[attr-defined]


class AcceptForm(forms.Form):
    """What a new person says of himself."""

    display_name = forms.CharField(
        label=_("Your name"), max_length=100, help_text=_("Seen by those who look after your organisation.")
    )
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=_("At least 12 characters; a sentence is good."),
    )
    repeated = forms.CharField(
        label=_("Password again"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def clean_repeated(self) -> str:
        """Refuse two different passwords."""
        if self.cleaned_data["repeated"] != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two passwords differ."))
        return str(self.cleaned_data["repeated"])


class ConfirmForm(forms.Form):
    """A form without fields: its button is the decision."""


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What will use it, so that you know later which to revoke.")
    )
    membership = forms.TypedChoiceField(label=_("Acts for"))
    scopes = forms.MultipleChoiceField(
        label=_("May do"),
        widget=forms.SelectMultiple(attrs={"size": 12}),
        required=False,
        help_text=_("A whole room, or single commands. Nothing chosen: the token only reads."),
    )
    expires_on = forms.DateField(
        label=_("Expires on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("At most a year from now."),
    )

    def __init__(self, *args: object, memberships: Iterable[Membership], today: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["membership"].choices = [  # type: ignore[attr-defined]
            (str(member.public_id), f"{member.organisation.name_zh} · {member.get_role_display()}")
            for member in memberships
        ]
        self.fields["scopes"].choices = scope_choices()  # type: ignore[attr-defined]
        self.fields["expires_on"].initial = (today + timedelta(days=DEFAULT_DAYS)).date()

    def expires_at(self) -> datetime:
        """The end of the last day on which the token works, UTC."""
        return datetime.combine(self.cleaned_data["expires_on"], time(23, 59), tzinfo=UTC)


def scope_choices() -> list[tuple[str, str]]:
    """Every room with commands, then every command and guarded read with its purpose."""
    purposes = {name: declared.purpose for name, declared in DECLARED.items()} | READ_SCOPES
    rooms = sorted({name.split(".", 1)[0] + "." for name in purposes})
    return [(room, room) for room in rooms] + [
        (name, f"{name}: {purpose}") for name, purpose in sorted(purposes.items())
    ]
