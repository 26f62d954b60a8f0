"""Organisations, people, memberships, invitations, API tokens, and who signed in.

People are known to the rest of the system, and to the journal, by their `public_id` alone: a pseudonym. Their name and address
stand here only, and erasing them empties the row and leaves the pseudonym. Foreign keys between parties hold public ids, so that
the policies of row-level security compare what the transaction's scope says with the column itself.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from bashu.kernel.commands.actor import JOINT, ROLE_NAMES, Role, Where
from bashu.kernel.commands.models import Record

CREDIT_CODE = r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"


class Jurisdiction(models.TextChoices):
    """Whose powers an organisation is under; joint offices are under both governments."""

    CQ = "CQ", _("Chongqing")
    SC = "SC", _("Sichuan")
    JOINT = JOINT, _("Joint office")


ROLE_CHOICES = [(role.value, name) for role, name in ROLE_NAMES.items()]


class Kind(models.TextChoices):
    """What an organisation is; it decides which roles its members can have."""

    NODE = "node", _("Operator of this node")
    JOINT_OFFICE = "joint_office", _("Joint office")
    AUTHORITY = "authority", _("Authority")
    OPERATOR = "operator", _("Operator of a service")
    ENTERPRISE = "enterprise", _("Enterprise")
    VERIFIER = "verifier", _("Verifying body")
    COMMUNITY = "community", _("Residents' community")


# Who could invite to a role that its organisation has no business with could raise himself: a kind bounds the roles.
ROLES_OF: dict[str, tuple[Role, ...]] = {
    Kind.NODE: (Role.COORDINATOR, Role.OPERATOR),
    Kind.JOINT_OFFICE: (Role.COORDINATOR, Role.OPERATOR),
    Kind.AUTHORITY: (Role.AUTHORITY, Role.OPERATOR),
    Kind.OPERATOR: (Role.OPERATOR,),
    Kind.ENTERPRISE: (Role.ENTERPRISE,),
    Kind.VERIFIER: (Role.VERIFIER,),
    Kind.COMMUNITY: (Role.RESIDENT,),
}


class OrganisationState(models.TextChoices):
    """An organisation's way: applied, active, suspended (and back by a new approval)."""

    APPLIED = "applied", _("applied for")
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")


class Organisation(Record):
    """A body that acts in the region. Its name is public."""

    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, null=True)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=5, choices=Jurisdiction.choices)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    state = models.CharField(
        _("state"), max_length=9, choices=OrganisationState.choices, default=OrganisationState.APPLIED
    )
    applied_by = models.UUIDField(editable=False)
    applied_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credit_code"], name="organisation_credit_code_once"),
            models.CheckConstraint(condition=Q(credit_code__regex=CREDIT_CODE), name="organisation_credit_code_form"),
            models.CheckConstraint(
                condition=Q(jurisdiction=JOINT, kind__in=["node", "joint_office"])
                | Q(~Q(kind__in=["node", "joint_office"]), jurisdiction__in=["CQ", "SC"]),
                name="organisation_joint_is_office",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="organisation_kind_known"),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="node"), name="organisation_one_node"),
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> str:
        """The name in the language being spoken; the Chinese one where no English one is known."""
        return self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en or self.name_zh

    @property
    def where(self) -> Where:
        """The place at which permission over this organisation is asked."""
        return Where(organisation=self.public_id, jurisdiction=self.jurisdiction)

    @property
    def address(self) -> str:
        """The organisation's page."""
        return reverse("parties:organisation", args=[self.public_id])

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that members of this kind of organisation can have."""
        return ROLES_OF[self.kind]


class PersonManager(BaseUserManager["Person"]):
    """Finds people as Django's authentication asks for them."""


class Person(Record, AbstractBaseUser):
    """A human being with a login. `public_id` is the pseudonym that everything else uses."""

    email = models.EmailField(_("e-mail address"), null=True)
    display_name = models.CharField(_("name"), max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="person_email_once"),
            models.CheckConstraint(
                condition=Q(email__isnull=True) | Q(email=Lower("email")), name="person_email_lower"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or str(self.public_id)

    def get_session_auth_hash(self) -> str:
        """What a session must match to stay alive: a new password or a new epoch ends every other session."""
        return str(
            salted_hmac(
                "bashu.parties.session", f"{self.password}:{self.session_epoch}", algorithm="sha256"
            ).hexdigest()
        )


class InvitationState(models.TextChoices):
    """An invitation's way."""

    SENT = "sent", _("sent")
    ACCEPTED = "accepted", _("accepted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Invitation(Record):
    """A letter to one address: whoever holds its secret may become a member, once, within seven days.

    Only the secret's SHA-256 is kept; the address is emptied once the letter is answered or dead.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="invitations")
    role = models.CharField(_("role"), max_length=11, choices=ROLE_CHOICES)
    email = models.EmailField(_("e-mail address"), null=True)
    digest = models.BinaryField(unique=True)
    state = models.CharField(_("state"), max_length=9, choices=InvitationState.choices, default=InvitationState.SENT)
    invited_by = models.UUIDField(editable=False)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    secret: str | None = None  # in the hand of the service that made it, never in the database

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("sent_at")), name="invitation_expires_later"),
            models.CheckConstraint(
                condition=Q(state="sent") | Q(email__isnull=True), name="invitation_address_only_while_open"
            ),
        ]


class MembershipState(models.TextChoices):
    """A membership's way: pending until a second person approves it."""

    PENDING = "pending", _("waiting for approval")
    ACTIVE = "active", _("active")
    ENDED = "ended", _("ended")


class Membership(Record):
    """A person's role for an organisation."""

    person = models.ForeignKey(Person, models.PROTECT, to_field="public_id", related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="memberships")
    role = models.CharField(_("role"), max_length=11, choices=ROLE_CHOICES)
    state = models.CharField(_("state"), max_length=7, choices=MembershipState.choices, default=MembershipState.PENDING)
    invitation = models.OneToOneField(Invitation, models.PROTECT, null=True, related_name="membership")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=Q(state__in=["pending", "active"]),
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) | Q(~Q(state="ended"), ended_at__isnull=True),
                name="membership_end_has_time",
            ),
        ]


class ApiToken(Record):
    """A secret by which a program acts for one membership, within scopes, for at most a year. Only its SHA-256 is kept."""

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.BinaryField(unique=True)
    scopes = ArrayField(models.CharField(max_length=100))
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to the hour: enough to find tokens nobody needs

    secret: str | None = None  # shown once, never in the database

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("made_at"))
                & Q(expires_at__lte=models.F("made_at") + models.Value(timedelta(days=366))),
                name="token_lives_a_year",
            )
        ]


class Outcome(models.TextChoices):
    """How an attempt to sign in ended."""

    ENTERED = "entered", _("signed in")
    REFUSED = "refused", _("refused")
    LOCKED = "locked", _("locked out")
    LEFT = "left", _("signed out")


class SignIn(models.Model):
    """One attempt to sign in, kept for 180 days. Addresses are cut to their network, programs to their family."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, to_field="public_id", null=True, related_name="sign_ins")
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome.choices)
    method = models.CharField(_("method"), max_length=60)
    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    network = models.CharField(_("network"), max_length=43)
    agent = models.CharField(_("program"), max_length=20)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert only: whoever signs in is not known yet, so the row must not be read back."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)
