"""Acts in any order: applications and the land ledger against models small enough to be believed."""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bashu.kernel.commands.actor import ANONYMOUS
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import BashuError
from bashu.kernel.parties.selectors import seen_by, set_scope
from bashu.policy.models import Appeal, Application, Award, Budget, LandAccount, SupportAccount
from bashu.policy.services import appeals, applications, land

NOW, YEAR = datetime(2025, 6, 3, 2, tzinfo=UTC), 2025
FEN = {"cq-research": 400_000_00, "sc-research": 320_000_00, "cq-talent": 200_000_00, "sc-talent": 240_000_00}
BUDGET = 700_000_00
RUNS = settings(max_examples=15, stateful_step_count=40, suppress_health_check=list(HealthCheck))
OFFICERS = ("authority", "colleague", "coordinator")


class Machine(RuleBasedStateMachine):
    """Every example begins with the same rows and leaves none."""

    world: dict = {}

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def actor(self, who):
        return self.world["actors"][who]

    def done(self, act, **values):
        """Whether the services did it; what they refused changed nothing, since it ran in a transaction of its own."""
        try:
            return act(**values)
        except BashuError:
            return None
        finally:
            set_scope(ANONYMOUS)


class Applications(Machine):
    """One enterprise, four items on two topics: the model knows states, reviewers, grants and money, nothing of the database."""

    @initialize()
    def start(self):
        self.state, self.reviewer, self.appealed, self.granted = {}, {}, set(), {}
        self.rows = {}

    def ctx(self, who):
        return Command(actor=self.actor(who), now=NOW)

    def office(self, code, officer):
        """The person of that name who may act on an item: Sichuan has one authority only."""
        if officer == "coordinator":
            return "coordinator"
        return f"{officer}.CQ" if code.startswith("cq") else "authority.SC"

    @rule(code=st.sampled_from(sorted(FEN)))
    def submit(self, code):
        made = self.done(
            applications.application_submit, ctx=self.ctx("enterprise.CQ"), organisation=self.world["firm"], item=self.world["items"][code],
            year=YEAR,
        )  # fmt: skip
        assert (made is not None) == (self.state.get(code) in (None, "withdrawn", "refused"))
        if made:
            self.state[code], self.rows[code] = "submitted", made
            self.reviewer.pop(code, None)
            self.appealed.discard(code)

    @rule(code=st.sampled_from(sorted(FEN)), officer=st.sampled_from(OFFICERS), ends=st.sampled_from("apcc"))
    def hurry(self, code, officer, ends):
        """The usual way to a decision and beyond it, so that decisions are met often."""
        self.submit(code)
        self.accept(code, "authority")
        self.review(code, "authority")
        if ends == "a":
            self.approve(code, officer)
        elif ends == "p":
            self.approve(code, officer)
            self.pay(code, officer)
        else:
            self.refuse(code, "colleague" if code.startswith("cq") else officer)
            self.appeal(code)
            self.change(code, "coordinator")
            self.change(code, "colleague")

    @rule(code=st.sampled_from(sorted(FEN)), officer=st.sampled_from(OFFICERS))
    def accept(self, code, officer):
        self.move(code, {"submitted"}, "complete", applications.application_accept, officer)

    @rule(code=st.sampled_from(sorted(FEN)), officer=st.sampled_from(OFFICERS))
    def send_back(self, code, officer):
        self.move(code, {"submitted"}, "returned", applications.application_return, officer, reason="缺件")

    @rule(code=st.sampled_from(sorted(FEN)))
    def supplement(self, code):
        self.move(code, {"returned"}, "submitted", applications.application_supplement, "enterprise", note="已补")

    @rule(code=st.sampled_from(sorted(FEN)), officer=st.sampled_from(OFFICERS))
    def review(self, code, officer):
        if self.move(code, {"complete"}, "reviewed", applications.application_review, officer, finding="属实"):
            self.reviewer[code] = self.office(code, officer)

    @rule(code=st.sampled_from(sorted(FEN)), officer=st.sampled_from(OFFICERS))
    def approve(self, code, officer):
        may = self.office(code, officer) != self.reviewer.get(code) and self.room(code)
        if self.move(code, {"reviewed"}, "approved", applications.application_approve, officer, may=may):
            self.granted[code] = FEN[code]

    @rule(code=st.sampled_from(sorted(FEN)), officer=st.sampled_from(OFFICERS))
    def refuse(self, code, officer):
        may = self.office(code, officer) != self.reviewer.get(code)
        if self.move(code, {"reviewed"}, "refused", applications.application_refuse, officer, may=may, reason="不符"):
            self.refuser = {**getattr(self, "refuser", {}), code: self.office(code, officer)}

    @rule(code=st.sampled_from(sorted(FEN)), officer=st.sampled_from(OFFICERS))
    def pay(self, code, officer):
        self.move(code, {"approved"}, "paid", applications.application_pay, officer, order=f"ZF-{code}")

    @rule(code=st.sampled_from(sorted(FEN)))
    def withdraw(self, code):
        self.move(
            code, {"submitted", "returned", "complete", "reviewed"}, "withdrawn", applications.application_withdraw, "enterprise"
        )  # fmt: skip

    @rule(code=st.sampled_from(sorted(FEN)))
    def appeal(self, code):
        may = code not in self.appealed
        if self.move(code, {"refused"}, "refused", appeals.appeal_file, "enterprise", may=may, grounds="有误"):
            self.appealed.add(code)

    @rule(code=st.sampled_from(sorted(FEN)), officer=st.sampled_from(OFFICERS))
    def change(self, code, officer):
        """The joint office decides what a province refused, and the province what the joint office refused."""
        if self.state.get(code) != "refused" or code not in self.appealed:
            return
        with seen_by(self.actor("coordinator")):
            appeal = Appeal.objects.select_related("application").get(application=self.rows[code])
        who, body = self.office(code, officer), lambda name: name.split(".")[0].replace("colleague", "authority")
        may = body(who) != body(self.refuser[code]) and who != self.reviewer.get(code) and self.room(code)
        done = self.done(appeals.appeal_change, ctx=self.ctx(who), appeal=appeal, reason="属实")
        assert (done is not None) == may
        if done:
            self.state[code], self.granted[code] = "approved", FEN[code]

    def room(self, code):
        """Whether the catalogue's limits leave room: topic, prerequisite, group of two, budget of research."""
        topic = code.split("-")[1]
        money = sum(fen for name, fen in self.granted.items() if name.endswith("research"))
        return (
            not any(name.endswith(topic) for name in self.granted)
            and (code != "sc-talent" or "sc-research" in self.granted)
            and len(self.granted) < 2
            and (topic != "research" or money + FEN[code] <= BUDGET)
        )

    def move(self, code, from_states, to, act, officer, *, may=True, **values):
        """One step in both worlds; whether it was done."""
        if code not in self.rows:
            return False
        who = "enterprise.CQ" if officer == "enterprise" else self.office(code, officer)
        with seen_by(self.actor("coordinator")):
            row = Application.objects.select_related("item__catalogue").get(pk=self.rows[code].pk)
        done = self.done(act, ctx=self.ctx(who), application=row, **values) is not None
        assert done == (self.state[code] in from_states and may), (code, self.state[code], to)
        if done:
            self.state[code] = to
        return done

    @invariant()
    def both_worlds_agree(self):
        if not hasattr(self, "state"):
            return
        with seen_by(self.actor("coordinator")):
            for code, row in self.rows.items():
                assert Application.objects.get(pk=row.pk).state == self.state[code]
            assert dict(Award.objects.values_list("item_code", "amount_fen")) == self.granted
            account = SupportAccount.objects.first()
            if account:
                sides = {
                    side: sum(fen for name, fen in self.granted.items() if name.startswith(side))
                    for side in ("cq", "sc")
                }
                assert (account.cq_fen, account.sc_fen) == (sides["cq"], sides["sc"])
            budget = Budget.objects.get(name="research")
            assert budget.committed_fen == sum(fen for name, fen in self.granted.items() if name.endswith("research"))
            paid = sum(FEN[name] for name, state in self.state.items() if state == "paid" and name.endswith("research"))
            assert budget.paid_fen == paid
        set_scope(ANONYMOUS)


class Land(Machine):
    """One account as four whole numbers."""

    @initialize()
    def start(self):
        self.planned = self.allocated = self.reserved = self.used = 0
        self.held = []
        self.plan(50)

    def ctx(self):
        return Command(actor=self.actor("authority.CQ"), now=NOW)

    @rule(m2=st.integers(-40, 60))
    def plan(self, m2):
        may = m2 != 0 and self.planned + m2 >= self.allocated
        done = self.done(
            land.land_plan, ctx=self.ctx(), area="new-area-gaozhu", side="CQ", year=YEAR, m2=m2, reason="计划"
        )
        assert (done is not None) == may
        self.planned += m2 * may

    @rule(m2=st.integers(0, 60))
    def allocate(self, m2):
        may = m2 > 0 and self.allocated + m2 <= self.planned
        assert (
            self.done(land.land_allocate, ctx=self.ctx(), account=self.account(), m2=m2, reason="下达") is not None
        ) == may
        self.allocated += m2 * may

    @rule(m2=st.integers(0, 40))
    def reserve(self, m2):
        may = 0 < m2 <= self.allocated - self.reserved - self.used
        made = self.done(
            land.land_reserve, ctx=self.ctx(), account=self.account(), project="项目", m2=m2, reason="落地"
        )
        assert (made is not None) == may
        if made:
            self.held.append([made, m2])
            self.reserved += m2

    @rule(m2=st.integers(0, 30), which=st.integers(0, 9), use=st.booleans())
    def settle(self, m2, which, use):
        if not self.held:
            return
        one = self.held[which % len(self.held)]
        act = land.land_use if use else land.land_release
        may = 0 < m2 <= one[1]
        assert (self.done(act, ctx=self.ctx(), reservation=one[0], m2=m2, reason="办结") is not None) == may
        if may:
            one[1] -= m2
            self.reserved -= m2
            self.used += m2 * use

    def account(self):
        return LandAccount.objects.get()

    @invariant()
    def both_worlds_agree(self):
        if hasattr(self, "held"):
            found = self.account()
            assert (found.planned, found.allocated, found.reserved, found.used) == (
                self.planned, self.allocated, self.reserved, self.used,
            )  # fmt: skip
            assert found.used + found.reserved <= found.allocated <= found.planned


@pytest.fixture
def people(actors):
    """Actors read once."""
    return {name: player.actor for name, player in actors.items()}


@pytest.mark.slow
def test_applications_in_any_order_do_what_the_model_does(people, catalogue, profiled, item):
    firm = profiled("enterprise.CQ")
    with seen_by(people["coordinator"]):
        Budget.objects.filter(name="research").update(most_fen=BUDGET)
    set_scope(ANONYMOUS)
    world = {"actors": people, "firm": firm, "items": {code: item(code) for code in FEN}}
    run_state_machine_as_test(type("Run", (Applications,), {"world": world}), settings=RUNS)


@pytest.mark.slow
def test_land_in_any_order_does_what_the_model_does(people):
    run_state_machine_as_test(type("Run", (Land,), {"world": {"actors": people}}), settings=RUNS)
