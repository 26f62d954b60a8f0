"""Every command about parties: refusals first."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from party_people import (
    PASSWORD,
    accepted,
    administrator,
    command,
    invited,
    member,
    node,
    organisation,
    token_of,
)

from bashu.kernel.commands.actor import ANONYMOUS, Actor, ActorKind, Role
from bashu.kernel.errors import Conflict, Forbidden, KeyReused, NotFound, SignInNeeded, StaleVersion
from bashu.kernel.journal.models import Body, Entry
from bashu.kernel.parties import errors, selectors, services
from bashu.kernel.parties.models import Invitation, MembershipState, Organisation, Person

pytestmark = pytest.mark.django_db

CODE = "91350100M000100Y43"


def entries(kind: str) -> int:
    """How many journal entries of a kind there are."""
    return Entry.objects.filter(kind=kind).count()


class TestOrganisationApply:
    def test_anonymous_is_refused(self):
        with pytest.raises(SignInNeeded):
            services.organisation_apply(ctx=command(ANONYMOUS), name_zh="甲", jurisdiction="CQ", kind="enterprise")

    @pytest.mark.parametrize("code", ["91350100M000100Y44", "9135", "91350100I000100Y43"])
    def test_a_wrong_credit_code_is_refused_with_its_flaw(self, code):
        with pytest.raises(errors.CreditCodeInvalid) as refusal:
            services.organisation_apply(
                ctx=command(node()), name_zh="甲", jurisdiction="CQ", kind="enterprise", credit_code=code
            )
        assert str(refusal.value.context["flaw"])

    def test_a_code_that_another_has_is_refused_by_the_database(self):
        services.organisation_apply(
            ctx=command(node()), name_zh="甲", jurisdiction="CQ", kind="enterprise", credit_code=CODE.lower()
        )
        with pytest.raises(errors.CreditCodeTaken):
            services.organisation_apply(
                ctx=command(node()), name_zh="乙", jurisdiction="SC", kind="enterprise", credit_code=CODE
            )

    @pytest.mark.parametrize("name", ["", "   ", "长" * 201, "a\x00b", "a\u202eb"])
    def test_a_name_that_cannot_be_one_is_refused(self, name):
        with pytest.raises(errors.TextNeeded):
            services.organisation_apply(ctx=command(node()), name_zh=name, jurisdiction="CQ", kind="enterprise")

    def test_only_offices_are_joint(self):
        with pytest.raises(Conflict):
            services.organisation_apply(ctx=command(node()), name_zh="甲", jurisdiction="joint", kind="enterprise")

    def test_applies_and_appends_one_entry(self):
        before = entries("parties.organisation.apply")
        body = services.organisation_apply(
            ctx=command(node()), name_zh=" 甲  公司 ", jurisdiction="CQ", kind="enterprise"
        )
        assert (body.name_zh, body.state) == ("甲 公司", "applied")
        assert entries("parties.organisation.apply") == before + 1

    def test_the_same_key_answers_the_same_organisation(self):
        first = services.organisation_apply(
            ctx=command(node(), key="k"), name_zh="甲", jurisdiction="CQ", kind="enterprise"
        )
        again = services.organisation_apply(
            ctx=command(node(), key="k"), name_zh="甲", jurisdiction="CQ", kind="enterprise"
        )
        assert again.pk == first.pk
        with pytest.raises(KeyReused):
            services.organisation_apply(
                ctx=command(node(), key="k"), name_zh="乙", jurisdiction="CQ", kind="enterprise"
            )


class TestOrganisationApprove:
    def applied(self, jurisdiction: str = "CQ") -> Organisation:
        return services.organisation_apply(
            ctx=command(node()), name_zh="申请者", jurisdiction=jurisdiction, kind="enterprise"
        )

    def test_anonymous_is_refused(self):
        with pytest.raises(SignInNeeded):
            services.organisation_approve(ctx=command(ANONYMOUS), organisation=self.applied())

    @pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.OPERATOR, Role.VERIFIER, Role.RESIDENT])
    def test_who_holds_no_office_is_refused(self, role):
        with pytest.raises(Forbidden):
            services.organisation_approve(ctx=command(member(role).actor), organisation=self.applied())

    def test_the_authority_of_the_other_province_is_refused(self):
        with pytest.raises(Forbidden):
            services.organisation_approve(
                ctx=command(member(Role.AUTHORITY, "SC").actor), organisation=self.applied("CQ")
            )

    def test_the_applicant_is_refused(self):
        with pytest.raises(errors.SecondPersonNeeded):
            services.organisation_approve(ctx=command(node()), organisation=self.applied())

    def test_the_authority_of_the_province_admits_once(self):
        authority = member(Role.AUTHORITY, "CQ")
        body = services.organisation_approve(ctx=command(authority.actor), organisation=self.applied())
        assert body.state == "active"
        with pytest.raises(errors.OrganisationDecided):
            services.organisation_approve(ctx=command(authority.actor), organisation=body)

    def test_a_stale_version_is_refused(self):
        body = self.applied()
        services.organisation_approve(ctx=command(administrator()), organisation=body)
        with pytest.raises(StaleVersion):
            services.organisation_suspend(ctx=command(administrator(), expects=1), organisation=body)


class TestOrganisationSuspend:
    def test_the_node_itself_cannot_be_suspended(self):
        with pytest.raises(errors.OrganisationDecided):
            services.organisation_suspend(ctx=command(administrator()), organisation=selectors.node_organisation())

    def test_members_lose_their_grants_and_get_them_back(self):
        enterprise = member(Role.ENTERPRISE)
        assert enterprise.actor.grants
        services.organisation_suspend(ctx=command(administrator()), organisation=enterprise.organisation)
        assert enterprise.actor.grants == ()
        services.organisation_approve(ctx=command(administrator()), organisation=enterprise.organisation)
        assert enterprise.actor.grants


class TestInvitationSend:
    def test_anonymous_is_refused(self):
        with pytest.raises(SignInNeeded):
            services.invitation_send(
                ctx=command(ANONYMOUS),
                organisation=organisation(Role.ENTERPRISE, "CQ"),
                role="enterprise",
                email="a@example.org",
            )

    @pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.VERIFIER, Role.RESIDENT])
    def test_plain_members_are_refused_in_their_own_organisation(self, role):
        plain = member(role)
        with pytest.raises(Forbidden):
            services.invitation_send(
                ctx=command(plain.actor), organisation=plain.organisation, role=role.value, email="a@example.org"
            )

    def test_an_operator_invites_for_his_own_organisation_only(self):
        operator, other = member(Role.OPERATOR), organisation(Role.OPERATOR, "CQ")
        sent = services.invitation_send(
            ctx=command(operator.actor), organisation=operator.organisation, role="operator", email="a@example.org"
        )
        assert sent.invited_by == operator.person.public_id
        with pytest.raises(Forbidden):
            services.invitation_send(
                ctx=command(operator.actor), organisation=other, role="operator", email="a@example.org"
            )

    def test_an_authority_invites_within_its_province_only(self):
        authority = member(Role.AUTHORITY, "CQ")
        here, there = organisation(Role.ENTERPRISE, "CQ"), organisation(Role.ENTERPRISE, "SC")
        assert services.invitation_send(
            ctx=command(authority.actor), organisation=here, role="enterprise", email="a@example.org"
        )
        with pytest.raises(Forbidden):
            services.invitation_send(
                ctx=command(authority.actor), organisation=there, role="enterprise", email="a@example.org"
            )

    def test_an_operator_cannot_make_himself_an_office(self):
        body = organisation(Role.AUTHORITY, "CQ")
        operator = member(Role.OPERATOR, body=body)
        with pytest.raises(Forbidden):
            services.invitation_send(
                ctx=command(operator.actor), organisation=body, role="authority", email="a@example.org"
            )

    def test_a_role_that_the_kind_has_not_is_refused(self):
        with pytest.raises(errors.RoleNotOffered):
            invited(organisation(Role.ENTERPRISE, "CQ"), Role.AUTHORITY)

    def test_what_is_no_address_is_refused(self):
        with pytest.raises(errors.EmailMalformed):
            invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE, "no address")

    def test_an_applicant_organisation_has_no_members_yet(self):
        body = services.organisation_apply(ctx=command(node()), name_zh="甲", jurisdiction="CQ", kind="enterprise")
        with pytest.raises(errors.OrganisationDecided):
            invited(body, Role.ENTERPRISE)

    def test_the_secret_is_in_the_answer_and_nowhere_else(self):
        sent = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE, "Someone@Example.org")
        assert len(sent.secret) >= 43 and sent.email == "someone@example.org"
        kept = Invitation.objects.get(pk=sent.pk)
        assert kept.secret is None and bytes(kept.digest) == selectors.digest_of(sent.secret)

    def test_a_second_letter_withdraws_the_first(self):
        body = organisation(Role.ENTERPRISE, "CQ")
        first = invited(body, Role.ENTERPRISE, "a@example.org")
        invited(body, Role.ENTERPRISE, "a@example.org")
        first.refresh_from_db()
        assert (first.state, first.email) == ("withdrawn", None)
        with pytest.raises(errors.InvitationSpent):
            accepted(first)


class TestInvitationAccept:
    def test_the_secret_works_once(self):
        letter = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE)
        accepted(letter)
        with pytest.raises(errors.InvitationSpent):
            accepted(letter)

    def test_after_seven_days_it_is_dead(self):
        letter = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE)
        late = command(services.invitee(letter), later=timedelta(days=7))
        with pytest.raises(errors.InvitationSpent):
            services.invitation_accept(
                ctx=late, invitation=letter, secret=letter.secret, display_name="甲", password=PASSWORD
            )

    def test_a_wrong_secret_finds_nothing(self):
        letter = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE)
        ctx = command(services.invitee(letter))
        with pytest.raises(NotFound):
            services.invitation_accept(ctx=ctx, invitation=letter, secret="guess", display_name="甲", password=PASSWORD)

    def test_the_secret_of_another_letter_is_refused(self):
        body = organisation(Role.ENTERPRISE, "CQ")
        letter, other = invited(body, Role.ENTERPRISE), invited(body, Role.ENTERPRISE)
        ctx = command(services.invitee(letter))
        with pytest.raises(errors.InvitationSpent):
            services.invitation_accept(
                ctx=ctx, invitation=letter, secret=other.secret, display_name="甲", password=PASSWORD
            )

    @pytest.mark.parametrize("password", ["", "short", "password1234", "测试人员测试人员"])
    def test_a_weak_password_is_refused_and_the_letter_stays_good(self, password):
        letter = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE)
        ctx = command(services.invitee(letter))
        with pytest.raises(errors.PasswordWeak), transaction.atomic():
            services.invitation_accept(
                ctx=ctx, invitation=letter, secret=letter.secret, display_name="测试人员", password=password
            )
        assert accepted(letter).state == "pending"

    def test_somebody_else_cannot_take_it_up(self):
        letter, other = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE), member(Role.VERIFIER)
        with pytest.raises(errors.InvitationForAnother):
            services.invitation_accept(
                ctx=command(services.invitee(letter, other.person)), invitation=letter, secret=letter.secret
            )

    def test_who_has_a_login_keeps_it(self):
        known = member(Role.ENTERPRISE)
        letter = invited(organisation(Role.VERIFIER, "SC"), Role.VERIFIER, known.person.email)
        found = services.invitation_accept(
            ctx=command(services.invitee(letter, known.person)), invitation=letter, secret=letter.secret
        )
        assert found.person_id == known.person.public_id

    def test_a_new_member_can_do_nothing_before_the_approval(self):
        pending = accepted(invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE))
        assert pending.state == MembershipState.PENDING
        assert selectors.actor_of_person(pending.person).grants == ()

    def test_the_invitee_may_do_nothing_else(self):
        letter = invited(organisation(Role.AUTHORITY, "CQ"), Role.AUTHORITY)
        with pytest.raises(Forbidden):
            services.organisation_suspend(ctx=command(services.invitee(letter)), organisation=letter.organisation)


class TestMembershipApprove:
    def test_the_inviter_is_refused(self):
        pending = accepted(invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE))
        with pytest.raises(errors.SecondPersonNeeded):
            services.membership_approve(ctx=command(administrator()), membership=pending)

    def test_the_member_is_refused(self):
        operator = member(Role.OPERATOR)
        services.membership_end(ctx=command(administrator()), membership=operator.membership)
        body = operator.organisation
        helper = member(Role.OPERATOR, body=body)
        letter = services.invitation_send(
            ctx=command(administrator()), organisation=body, role="operator", email=operator.person.email
        )
        pending = services.invitation_accept(
            ctx=command(services.invitee(letter, operator.person)), invitation=letter, secret=letter.secret
        )
        # Even with an approver's grant in hand, the person may not approve himself.
        himself = Actor(ActorKind.PERSON, operator.person.public_id, helper.actor.grants)
        with pytest.raises(errors.SecondPersonNeeded):
            services.membership_approve(ctx=command(himself), membership=pending)
        assert services.membership_approve(ctx=command(helper.actor), membership=pending).state == "active"

    def test_a_token_of_the_inviter_is_not_a_second_person(self):
        authority, body = member(Role.AUTHORITY, "CQ"), organisation(Role.ENTERPRISE, "CQ")
        letter = services.invitation_send(
            ctx=command(authority.actor), organisation=body, role="enterprise", email="a@example.org"
        )
        pending = accepted(letter)
        by_token = selectors.actor_of_token(token_of(authority, ["parties."]).secret)
        with pytest.raises(errors.SecondPersonNeeded):
            services.membership_approve(ctx=command(by_token), membership=pending)

    def test_the_authority_of_the_other_province_is_refused(self):
        pending = accepted(invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE))
        with pytest.raises(Forbidden):
            services.membership_approve(ctx=command(member(Role.AUTHORITY, "SC").actor), membership=pending)

    def test_one_live_role_per_person_and_organisation(self):
        known = member(Role.ENTERPRISE)
        letter = invited(known.organisation, Role.ENTERPRISE, known.person.email)
        with pytest.raises(errors.AlreadyMember):
            services.invitation_accept(
                ctx=command(services.invitee(letter, known.person)), invitation=letter, secret=letter.secret
            )


class TestMembershipEnd:
    def test_a_colleague_without_office_does_not_even_find_it(self):
        first = member(Role.ENTERPRISE)
        second = member(Role.ENTERPRISE, body=first.organisation)
        with pytest.raises(NotFound):
            services.membership_end(ctx=command(second.actor), membership=first.membership)

    def test_it_takes_the_grants_and_the_tokens(self):
        enterprise = member(Role.ENTERPRISE)
        token = token_of(enterprise, [])
        services.membership_end(ctx=command(enterprise.actor), membership=enterprise.membership)
        assert enterprise.actor.grants == ()
        assert selectors.actor_of_token(token.secret) is None
        with pytest.raises(errors.MembershipDecided):
            services.membership_end(ctx=command(administrator()), membership=enterprise.membership)


class TestTokenCreate:
    def test_nobody_makes_a_token_for_somebody_else(self):
        owner, other = member(Role.ENTERPRISE), member(Role.AUTHORITY, "CQ")
        with pytest.raises(Forbidden):
            services.token_create(
                ctx=command(other.actor), membership=owner.membership, name="脚本", scopes=[],
                expires_at=datetime.now(UTC) + timedelta(days=1),
            )  # fmt: skip

    def test_a_token_makes_no_tokens(self):
        owner = member(Role.ENTERPRISE)
        actor = selectors.actor_of_token(token_of(owner, ["parties."]).secret)
        with pytest.raises(Forbidden):
            services.token_create(
                ctx=command(actor), membership=owner.membership, name="脚本", scopes=[],
                expires_at=datetime.now(UTC) + timedelta(days=1),
            )  # fmt: skip

    @pytest.mark.parametrize("scope", ["parties.nothing", "nothing.", "", "parties"])
    def test_an_unknown_scope_is_refused(self, scope):
        with pytest.raises(errors.ScopeUnknown):
            token_of(member(Role.ENTERPRISE), [scope])

    @pytest.mark.parametrize("days", [-1, 366])
    def test_a_life_that_is_over_or_too_long_is_refused(self, days):
        with pytest.raises(errors.TokenLifetime):
            token_of(member(Role.ENTERPRISE), [], days=days)

    def test_its_scopes_bound_what_it_may_do(self):
        authority = member(Role.AUTHORITY, "CQ")
        actor = selectors.actor_of_token(token_of(authority, ["parties.organisation.approve"]).secret)
        applied = services.organisation_apply(ctx=command(node()), name_zh="甲", jurisdiction="CQ", kind="enterprise")
        body = services.organisation_approve(ctx=command(actor), organisation=applied)
        with pytest.raises(Forbidden):
            services.organisation_suspend(ctx=command(actor), organisation=body)

    def test_without_scopes_it_only_reads(self):
        actor = selectors.actor_of_token(token_of(member(Role.AUTHORITY, "CQ"), []).secret)
        assert actor.scopes == frozenset() and not actor.may_call("parties.organisation.approve")


class TestTokenOpen:
    @pytest.mark.parametrize("secret", ["", "bashu_", "bashu_00000000_" + "x" * 43, "Bearer x", "bashu_\x00"])
    def test_what_is_no_token_opens_nothing(self, secret):
        assert selectors.actor_of_token(secret) is None

    def test_it_opens_with_one_statement_and_notes_the_hour(self, django_assert_num_queries):
        token = token_of(member(Role.ENTERPRISE), [])
        with django_assert_num_queries(1):
            actor = selectors.actor_of_token(token.secret)
        assert actor.id == token.public_id and actor.kind is ActorKind.TOKEN
        token.refresh_from_db()
        assert token.last_used_at is not None and token.last_used_at.minute == 0

    def test_revoked_it_opens_nothing(self):
        owner = member(Role.ENTERPRISE)
        token = token_of(owner, [])
        services.token_revoke(ctx=command(owner.actor), token=token)
        assert selectors.actor_of_token(token.secret) is None
        with pytest.raises(errors.TokenRevoked):
            services.token_revoke(ctx=command(owner.actor), token=token)

    def test_of_a_suspended_organisation_it_opens_nothing(self):
        owner = member(Role.ENTERPRISE)
        token = token_of(owner, [])
        services.organisation_suspend(ctx=command(administrator()), organisation=owner.organisation)
        assert selectors.actor_of_token(token.secret) is None

    def test_expired_it_opens_nothing(self):
        owner = member(Role.ENTERPRISE)
        long_ago = timedelta(days=-400)
        token = services.token_create(
            ctx=command(owner.actor, later=long_ago), membership=owner.membership, name="脚本", scopes=[],
            expires_at=datetime.now(UTC) - timedelta(days=40),
        )  # fmt: skip
        assert selectors.actor_of_token(token.secret) is None

    def test_a_stranger_cannot_revoke(self):
        token = token_of(member(Role.ENTERPRISE, "CQ"), [])
        with pytest.raises(Forbidden):
            services.token_revoke(ctx=command(member(Role.AUTHORITY, "SC").actor), token=token)


class TestPersonErase:
    def test_neither_a_colleague_nor_the_authority_may(self):
        person = member(Role.ENTERPRISE).person
        with pytest.raises(Forbidden):
            services.person_erase(ctx=command(member(Role.AUTHORITY, "CQ").actor), person=person)

    def test_name_address_and_every_way_in_are_gone_and_the_pseudonym_stays(self):
        enterprise = member(Role.ENTERPRISE)
        token = token_of(enterprise, [])
        services.person_erase(ctx=command(enterprise.actor), person=enterprise.person)
        person = Person.objects.get(public_id=enterprise.person.public_id)
        assert (person.email, person.display_name, person.is_active, person.has_usable_password()) == (
            None,
            "",
            False,
            False,
        )
        assert selectors.actor_of_token(token.secret) is None
        assert selectors.actor_of_person(person) == ANONYMOUS
        with pytest.raises(errors.PersonErased):
            services.person_erase(ctx=command(administrator()), person=person)

    def test_sessions_end(self):
        enterprise = member(Role.ENTERPRISE)
        browser = enterprise.browser()
        assert browser.get("/account/").status_code == 200
        services.person_erase(ctx=command(administrator()), person=enterprise.person)
        assert browser.get("/account/").status_code == 302

    def test_bodies_about_the_person_are_emptied_whoever_wrote_them_and_headers_stay(self):
        enterprise = member(Role.ENTERPRISE)
        label = f"parties.membership:{enterprise.membership.public_id}"
        headers = dict(Entry.objects.filter(subject=label).values_list("id", "header"))
        services.person_erase(ctx=command(enterprise.actor), person=enterprise.person)
        selectors.set_scope(node())
        kept = Body.objects.filter(entry__subject=label, content__isnull=False).values_list("entry__kind", flat=True)
        assert list(kept) == ["parties.person.erase"]  # the end that the erasure itself wrote
        assert headers.items() <= dict(Entry.objects.filter(subject=label).values_list("id", "header")).items()


class TestSecrecy:
    def test_no_name_and_no_address_is_in_any_journal_body(self):
        letter = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE, "very.private@example.org")
        pending = accepted(letter, name="欧阳隐私")
        services.membership_approve(ctx=command(node()), membership=pending)
        selectors.set_scope(node())
        written = "".join(Body.objects.filter(content__isnull=False).values_list("content", flat=True))
        written += "".join(Entry.objects.values_list("header", flat=True))
        assert str(pending.person_id) in written
        for private in ("very.private", "欧阳隐私", letter.secret, PASSWORD):
            assert private not in written

    def test_the_address_leaves_the_letter_when_it_is_answered(self):
        letter = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE)
        accepted(letter)
        selectors.set_scope(node())
        letter.refresh_from_db()
        assert (letter.state, letter.email) == ("accepted", None)


class TestOperator:
    def test_there_is_one_and_no_second_is_made(self):
        assert services.operator_ensure() is None

    def test_its_entries_were_written_by_the_node(self):
        entry = Entry.objects.get(kind="parties.operator.create", subject__startswith="parties.organisation")
        assert entry.actor == f"node:{selectors.node_organisation().public_id}"

    def test_no_person_may_call_it(self):
        with pytest.raises(Forbidden):
            services.operator_create(ctx=command(administrator()), email="x@example.org", password=PASSWORD)
