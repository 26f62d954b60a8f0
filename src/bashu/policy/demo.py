"""Policy's part of the demonstration year: made-up enterprises, offers, applications, delegations, land and tariffs, through the services.

Everything here is made up but what it cites. Times are injected and keys fixed: a second play finds the last act and does nothing, an
interrupted one is taken up where it stopped.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.utils import timezone

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.actor import Actor, ActorKind, Grant, Role
from bashu.kernel.commands.command import Command
from bashu.kernel.parties import services as parties
from bashu.kernel.parties.models import Kind, Organisation
from bashu.kernel.parties.selectors import actor_of_person, person_by_email, seen_by
from bashu.policy.engine.synthetic import enterprises
from bashu.policy.errors import BudgetExhausted, GrantRefused, TopicTaken
from bashu.policy.formats.operations import sources
from bashu.policy.models import Appeal, Application, DelegatedAct, Item, Offer
from bashu.policy.services import appeals, applications, catalogues, delegations, land, profiles, studies, tariffs
from bashu.policy.services.tariffs import Row

MARK = "演示数据"
KEY = "demo-policy-3"
LAST = f"{MARK}：年末备案事项"
SEED, ENTERPRISES, YEAR, AREA = 20201231, 30, 2025, "new-area-gaozhu"
STUDY = {"parameter": "soil_rate", "province": "SC", "value": "6/5", "choice": None}  # the what-if study that is kept
STUDIED = 200  # made-up enterprises it is about
POPULATION = 400  # enterprises known for their levies alone: what the what-if desk computes over
SHIPPERS = "91999999DEMX"  # how the credit codes of the enterprises begin that logistics makes up
SPRING = 26  # enterprises known in spring already
CATALOGUE = Path(__file__).parent / "facts" / "sample" / "catalogue.yaml"
CAST = {
    "CQ": "authority.cq@demo.example", "SC": "authority.sc@demo.example", "CQ2": "colleague.cq@demo.example",
    "SC2": "colleague.sc@demo.example", "joint": "coordinator.joint@demo.example", "area": "area.joint@demo.example",
    "firm.CQ": "enterprise.cq@demo.example", "firm.SC": "enterprise.sc@demo.example",
}  # fmt: skip
# item, month and day of submission, what becomes of it: for enterprises that apply although they were offered something else
FATES: tuple[tuple[str, str, str], ...] = (
    ("sc-equipment", "2025-03-11", "paid"), ("cq-equipment", "2025-03-20", "paid"), ("sc-equipment", "2025-04-08", "paid"),
    ("cq-equipment", "2025-04-21", "refused"), ("sc-equipment", "2025-05-07", "changed"), ("cq-equipment", "2025-05-19", "upheld"),
    ("sc-equipment", "2025-06-10", "withdrawn"), ("cq-equipment", "2025-07-02", "paid"), ("sc-equipment", "2025-08-14", "paid"),
    ("cq-equipment", "2025-09-03", "approved"), ("sc-equipment", "2025-09-22", "complete"), ("cq-equipment", "2025-10-15", "appealed"),
    ("sc-equipment", "2025-10-27", "reviewed"), ("cq-equipment", "2025-11-05", "reviewed"), ("sc-equipment", "2025-11-12", "returned"),
    ("cq-equipment", "2025-11-18", "complete"), ("sc-equipment", "2025-11-24", "submitted"), ("cq-equipment", "2025-11-26", "submitted"),
)  # fmt: skip
OWN_FACTS = {
    "firm.CQ": {"investment": "60000000.00", "research_spending": "1800000.00", "hired_doctors": 2},
    "firm.SC": {"investment": "80000000.00", "research_spending": "2600000.00", "hired_doctors": 3},
}  # fmt: skip
# The demonstration's own two enterprises: what their log-ins see waiting.
OWN_FATES = {
    "firm.CQ": ("cq-equipment", "2025-10-20", "refused"),
    "firm.SC": ("sc-equipment", "2025-11-20", "complete"),
}
HOSTS = {"CQ": "500112", "SC": "511623"}  # the district and the county that the area lies in
LAND = {"CQ": (1_200_000, 900_000), "SC": (1_500_000, 1_000_000)}  # planned, allocated, m²
CLAIMS: tuple[tuple[str, str, int, int, int], ...] = (  # side, day, claimed, used, released, m²
    ("CQ", "2025-03-04", 180_000, 180_000, 0), ("SC", "2025-03-18", 240_000, 200_000, 40_000), ("CQ", "2025-05-15", 95_000, 60_000, 0),
    ("SC", "2025-06-20", 310_000, 150_000, 0), ("CQ", "2025-08-06", 210_000, 0, 0), ("SC", "2025-09-09", 88_000, 0, 88_000),
    ("CQ", "2025-11-03", 120_000, 0, 0),
)  # fmt: skip
PRICES: tuple[tuple[str, str, str, str, str, str], ...] = (  # utility, customers, measure, unit, Chongqing, Sichuan
    ("water", "工业", "price", "yuan/m3", "3.25", "2.95"), ("power", "工商业（10千伏）", "price", "yuan/kWh", "0.68", "0.66"),
    ("gas", "工业", "price", "yuan/m3", "2.62", "2.55"), ("water", "工业", "connection", "working day", "5", "7"),
    ("power", "工商业（10千伏）", "connection", "working day", "12", "15"), ("gas", "工业", "connection", "working day", "8", "8"),
)  # fmt: skip
PLEDGED = "统一供应机制已承诺，价格未查到"
UNIFIED = {("water", "connection"): "5", ("power", "connection"): "12", ("gas", "connection"): "8"}

Progress = Callable[[int, int], None]


Way = tuple[int, Actor, str, Callable[..., Any], dict[str, Any]]  # days later, by whom, key, service, with what


class Step(NamedTuple):
    """One act of the story: when, by whom, under which key, and the service that does it."""

    at: datetime
    by: Actor
    key: str
    act: Callable[[Command], Any]


def play(progress: Progress | None = None) -> None:
    """Play what has not been played. Needs the demonstration's log-ins. Raises RuntimeError on a real node."""
    if not settings.BASHU_DEMO:
        raise RuntimeError("the demonstration year is played in the demonstration only")
    if DelegatedAct.objects.filter(matter=LAST).exists():
        return
    story, done, known = Story(), 0, 0
    for chapter in (story.beginnings, story.profiles, story.rest):
        steps = sorted(chapter(), key=lambda step: step.at)
        known += len(steps)
        for step in steps:
            step.act(Command(actor=step.by, now=step.at, key=f"{KEY}-{step.key}"))
            done += 1
            if progress:
                progress(done, known)


def at(day: str | date, hour: int = 10) -> datetime:
    """An hour of a day in the region, never after the demonstration's instant."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    moment = datetime.combine(on, datetime.min.time().replace(hour=hour), timezone.get_default_timezone())
    return min(moment, settings.DEMO_INSTANT)


def after(day: str, days: int) -> date:
    """Some days later."""
    return date.fromisoformat(day) + timedelta(days=days)


class Story:
    """The acts, and what earlier acts made that later ones need."""

    def __init__(self) -> None:
        self.cast = {name: actor_of_person(person_by_email(address)) for name, address in CAST.items()}
        self.node, self.administrator = parties.node_actor(), parties.actor_named(parties.ADMINISTRATOR)
        self.random = Random(SEED)  # noqa: S311 - a repeatable story, not a secret
        self.made: dict[str, Any] = {}
        self.firms: dict[str, Organisation] = {}
        self.levied: list[dict[str, Any]] = []

    def own(self, name: str) -> Organisation:
        """The organisation for which a member of the cast acts."""
        return Organisation.objects.get(public_id=self.cast[name].grants[0].organisation)

    def kept(self, name: str, service: Callable[..., Any], **values: Any) -> Callable[[Command], None]:
        """An act whose result later acts ask for; a value that is a function is asked when the act is done."""

        def act(ctx: Command) -> None:
            told = {key: value() if callable(value) else value for key, value in values.items()}
            self.made[name] = service(ctx=ctx, **told)

        return act

    def beginnings(self) -> Iterator[Step]:
        """The catalogue, the enterprises, the powers lent, the year's land."""
        yield Step(
            at("2025-01-06"), self.cast["joint"], "catalogue",
            self.kept("catalogue", catalogues.catalogue_publish, content=CATALOGUE.read_text(encoding="utf-8")),
        )  # fmt: skip
        for number in range(1, ENTERPRISES + 1):
            yield from self.enterprise(number)
        yield from self.powers()
        for side, (planned, allocated) in LAND.items():
            values = {"area": AREA, "side": side, "year": YEAR, "m2": planned, "reason": f"{MARK}：年度用地计划"}
            yield Step(
                at("2025-01-15"), self.cast[side], f"plan-{side}", self.kept(f"land-{side}", land.land_plan, **values)
            )
            allocate = self.kept(
                f"land-{side}",
                land.land_allocate,
                account=self.result(f"land-{side}"),
                m2=allocated,
                reason=f"{MARK}：首批下达",
            )
            yield Step(at("2025-02-10"), self.cast[side], f"allocate-{side}", allocate)

    def result(self, name: str) -> Callable[[], Any]:
        """What an earlier act made, asked later."""
        return lambda: self.made[name]

    def enterprise(self, number: int) -> Iterator[Step]:
        """One made-up enterprise, put forward and admitted."""
        side, name = ("CQ", "SC")[number % 2], f"firm-{number:02}"
        values = {
            "name_zh": f"高竹示例企业{number:02}（演示）", "name_en": f"Gaozhu sample enterprise {number:02} (demonstration)",
            "jurisdiction": side, "kind": Kind.ENTERPRISE.value,
        }  # fmt: skip
        yield Step(at("2025-01-07"), self.node, name, self.kept(name, parties.organisation_apply, **values))
        admit = self.kept(name, parties.organisation_approve, organisation=self.result(name))
        yield Step(at("2025-01-08"), self.administrator, f"{name}-admit", admit)

    def representative(self, firm: Organisation) -> Actor:
        """Somebody who acts for a made-up enterprise: nobody can sign in as him."""
        grant = Grant(Role.ENTERPRISE, firm.public_id, firm.name_zh, firm.jurisdiction)
        return Actor(ActorKind.PERSON, uuid5(NAMESPACE_URL, f"{KEY}/{firm.name_zh}"), (grant,))

    def profiles(self) -> Iterator[Step]:
        """What is known of each enterprise: declared, or stated by its side's office."""
        self.firms = {f"firm-{number:02}": self.made[f"firm-{number:02}"] for number in range(1, ENTERPRISES + 1)}
        people = {name: self.representative(firm) for name, firm in self.firms.items()}
        for name in ("firm.CQ", "firm.SC"):
            self.firms[name], people[name] = self.own(name), self.cast[name]
        self.people, self.levied = people, list(enterprises(len(people), SEED))
        for levied in self.levied:
            del levied["id"]
        yield from self.known(early=True)

    def population(self) -> Iterator[Step]:
        """Several hundred more enterprises with the facts and tables that levies read; the shippers tell what they invest."""
        for number, told in enumerate(enterprises(POPULATION), start=1):
            side, key = ("CQ" if told["place"].startswith("50") else "SC"), f"levied-{number:03}"
            names = {
                "name_zh": f"川渝示例企业{number:03}（演示）", "name_en": f"Sample enterprise {number:03} (demonstration)",
                "jurisdiction": side, "kind": Kind.ENTERPRISE.value,
            }  # fmt: skip
            del told["id"]
            yield Step(at("2025-10-20"), self.node, key, partial(self.levied_one, names, told))
        random = Random(SEED)  # noqa: S311 - a repeatable story, not a secret
        for firm in Organisation.objects.filter(credit_code__startswith=SHIPPERS).order_by("credit_code"):
            facts = {"investment": f"{random.randrange(2000, 9000) * 10_000}.00", "staff": random.randrange(80, 2000)}
            yield self.told(f"shipper-{firm.credit_code}", firm, self.representative(firm), "2025-10-13", facts)

    def levied_one(self, names: dict[str, str], told: dict[str, Any], ctx: Command) -> None:
        """An enterprise put forward, admitted, and its facts declared."""
        firm = parties.organisation_apply(ctx=ctx, **names)

        def command(by: Actor, what: str) -> Command:
            return Command(actor=by, now=ctx.now, key=f"{ctx.key}-{what}")

        firm = parties.organisation_approve(ctx=command(self.administrator, "admit"), organisation=firm)
        day, by = date(2025, 10, 17), self.representative(firm)
        profiles.profile_record(ctx=command(by, "facts"), organisation=firm, facts=told, as_of=day)

    def known(self, *, early: bool) -> Iterator[Step]:
        """Profiles told in spring, or those told in autumn: their offers still wait."""
        random = Random(SEED)  # noqa: S311 - a repeatable story, not a secret
        for number, (name, firm) in enumerate(self.firms.items()):
            facts: dict[str, Any] = {
                "investment": f"{random.randrange(800, 9000) * 10_000}.00", "staff": random.randrange(12, 900),
                "research_spending": f"{random.randrange(0, 300) * 10_000}.00", "hired_doctors": random.randrange(0, 6),
                **OWN_FACTS.get(name, {}),
            }  # fmt: skip
            facts = {
                **self.levied[number],
                **facts,
                "disabled_staff": facts["staff"] // 100,
                "place": HOSTS[firm.jurisdiction],
            }
            spring = name not in OWN_FACTS and number < SPRING
            if spring is early:
                yield self.told(name, firm, self.people[name], "2025-02-17" if spring else "2025-10-13", facts)
            elif spring and number % 4 == 0:
                stated = {"staff": facts["staff"] + number % 3 - 1}
                yield self.told(f"{name}-office", firm, self.cast[firm.jurisdiction], "2025-11-12", stated)

    def told(self, key: str, firm: Organisation, by: Actor, day: str, facts: dict[str, Any]) -> Step:
        """Facts recorded as of a day."""
        values = {"organisation": firm, "facts": facts, "as_of": date.fromisoformat(day)}
        return Step(at(day, 15), by, f"profile-{key}", self.kept(f"profile-{key}", profiles.profile_record, **values))

    def rest(self) -> Iterator[Step]:
        """Offers pushed three times with the answers to the first, applications, land, acts, tariffs."""
        yield from self.known(early=False)
        yield from self.population()
        for day, by in (
            ("2025-03-03", self.cast["joint"]),
            ("2025-11-17", self.cast["joint"]),
            ("2025-11-30", self.node),
        ):
            push = self.kept(f"push-{day}", catalogues.offers_push, catalogue=self.result("catalogue"), year=YEAR)
            yield Step(at(day, 9), by, f"push-{day}", push)
        yield Step(at("2025-03-04", 9), self.cast["joint"], "answers", self.answers)
        firms = [name for name in self.firms if not name.startswith("firm.")]
        for name, (item, day, fate) in [*zip(firms, FATES, strict=False), *OWN_FATES.items()]:
            yield from self.application(name, item, day, fate)
        yield from self.movements()
        yield from self.acts()
        yield from self.published()
        yield self.studied()

    def answers(self, ctx: Command) -> None:
        """Enterprises answer the first offers one after another; two offices decide and pay. Offers are known now only."""
        with seen_by(ctx.actor):
            offers = list(
                Offer.objects.select_related("item__catalogue", "organisation")
                .filter(batch=self.made["push-2025-03-03"])
                .order_by("organisation__name_zh", "item__code")
            )
        people = {self.firms[name].public_id: person for name, person in self.people.items()}
        for number, offer in enumerate(offers):
            self.answer(offer, number, people[offer.organisation_id])

    def answer(self, offer: Offer, number: int, person: Actor) -> None:
        """Most accept and are paid; every sixth declines, every fifth does not answer."""
        key, day = (
            f"{KEY}-offer-{offer.item.code}-{offer.organisation.name_zh}",
            date(2025, 3, 5) + timedelta(days=number % 20),
        )

        def command(by: Actor, what: str, days: int) -> Command:
            return Command(actor=by, now=at(day + timedelta(days=days)), key=f"{key}-{what}")

        if number % 6 == 5:
            catalogues.offer_decline(ctx=command(person, "decline", 0), offer=offer)
        elif number % 5 != 4:
            made = catalogues.offer_accept(ctx=command(person, "accept", 0), offer=offer)
            side = offer.province
            try:
                made = applications.application_approve(
                    ctx=command(self.cast[f"{side}2"], "approve", 8), application=made
                )
            except (BudgetExhausted, GrantRefused, TopicTaken) as why:
                refuse = command(self.cast[f"{side}2"], "refuse", 8)
                applications.application_refuse(ctx=refuse, application=made, reason=f"{MARK}：{why}")
                return
            if number % 7:
                order = f"ZF-{YEAR}-{side}-{number:04}"
                applications.application_pay(ctx=command(self.cast[side], "pay", 20), application=made, order=order)

    def application(self, name: str, code: str, day: str, fate: str) -> Iterator[Step]:
        """One application for equipment, with its invoice's digest, taken as far as its fate says."""
        side, key = ("CQ" if code.startswith("cq") else "SC"), f"application-{name}"
        declared = {"equipment": f"{self.random.randrange(60, 2400) * 10_000}.00"}
        evidence = {"equipment": f"{self.random.getrandbits(256):064x}"}
        submit = self.kept(
            key, applications.application_submit, organisation=self.firms[name], item=lambda: self.item(code), year=YEAR,
            declared=declared, as_of=date.fromisoformat(day), evidence=evidence,
        )  # fmt: skip
        yield Step(at(day), self.people[name], key, submit)
        for days, by, what, service, values in self.way(fate, side, name):
            act = self.kept(
                key if service not in APPEALS else f"{key}-appeal", service, **values, **self.about(service, key)
            )
            yield Step(at(after(day, days), 14), by, f"{key}-{what}", act)

    def about(self, service: Callable[..., Any], key: str) -> dict[str, Any]:
        """What a step is about: the application, or its appeal."""
        if service in (appeals.appeal_change, appeals.appeal_uphold):
            return {"appeal": lambda: self.appeal(key)}
        return {"application": lambda: self.read(key)}

    def item(self, code: str) -> Item:
        """An item of the published catalogue."""
        return Item.objects.select_related("catalogue").get(code=code, catalogue=self.made["catalogue"])

    def read(self, key: str) -> Application:
        """An application as it stands, as the joint office sees it."""
        with seen_by(self.cast["joint"]):
            return Application.objects.select_related("item__catalogue").get(public_id=self.made[key].public_id)

    def appeal(self, key: str) -> Appeal:
        """An appeal with its application."""
        with seen_by(self.cast["joint"]):
            found = Appeal.objects.select_related("application__item__catalogue")
            return found.get(application__public_id=self.made[key].public_id)

    def way(self, fate: str, side: str, name: str) -> Sequence[Way]:
        """The steps up to a fate: days after submission, by whom, which service, with what."""
        first, second, firm = self.cast[side], self.cast[f"{side}2"], self.people[name]
        complete: Way = (4, first, "complete", applications.application_accept, {})
        review: Way = (16, first, "review", applications.application_review, {"finding": f"{MARK}：发票与入账金额一致"})
        approve: Way = (27, second, "approve", applications.application_approve, {})
        pay: Way = (40, first, "pay", applications.application_pay, {"order": f"ZF-{YEAR}-{name}"})
        refuse: Way = (
            27,
            second,
            "refuse",
            applications.application_refuse,
            {"reason": f"{MARK}：设备购置合同缺页，无法认定"},
        )
        file: Way = (33, firm, "appeal", appeals.appeal_file, {"grounds": f"{MARK}：合同全本已补交"})
        joint, unpaid = self.cast["joint"], [complete, review, approve]
        uphold: Way = (50, joint, "uphold", appeals.appeal_uphold, {"reason": f"{MARK}：补交材料仍不一致"})
        change: Way = (50, joint, "change", appeals.appeal_change, {"reason": f"{MARK}：补交合同完整有效"})
        ways: dict[str, Sequence[Way]] = {
            "submitted": [], "complete": [complete], "reviewed": [complete, review], "approved": unpaid, "paid": [*unpaid, pay],
            "returned": [(4, first, "return", applications.application_return, {"reason": f"{MARK}：缺设备清单"})],
            "withdrawn": [complete, (9, firm, "withdraw", applications.application_withdraw, {"reason": f"{MARK}：项目调整"})],
            "refused": [complete, review, refuse], "appealed": [complete, review, refuse, file],
            "upheld": [complete, review, refuse, file, uphold],
            "changed": [complete, review, refuse, file, change],
        }  # fmt: skip
        return ways[fate]

    def powers(self) -> Iterator[Step]:
        """Delegations in force, expired, revoked and not yet in force. The instruments are made up; what they rest on is cited."""
        decision = sources()["gaozhu-npc-decision"].title
        everything = ["land.reserve", "land.use", "land.release", "investment.filing"]
        rows: tuple[tuple[str, str, list[str], str, date | None], ...] = (
            ("lent-CQ", "CQ", everything, "2024-09-01", None), ("lent-SC", "SC", everything, "2024-11-01", None),
            ("lent-old", "CQ", ["construction.permit"], "2024-09-01", date(2025, 6, 30)),
            ("lent-taken", "SC", ["construction.permit"], "2025-01-10", None),
            ("lent-next", "CQ", ["construction.permit"], "2026-01-01", date(2028, 12, 31)),
        )  # fmt: skip
        for name, side, kinds, start, end in rows:
            grant = self.kept(
                name, delegations.delegation_grant, delegator=self.own(side), delegate=self.own("area"), acts=kinds, area=AREA,
                basis=f"{MARK}：委托书系虚构，管理机构行使受托权力见所引决定", source=decision, valid_from=date.fromisoformat(start),
                valid_to=end, status=FactStatus.ASSUMED,
            )  # fmt: skip
            yield Step(at("2025-01-09"), self.cast[side], name, grant)
        revoke = self.kept(
            "lent-taken",
            delegations.delegation_revoke,
            delegation=self.result("lent-taken"),
            reason=f"{MARK}：许可权限收回统一行使",
        )
        yield Step(at("2025-09-15"), self.cast["SC"], "revoke", revoke)

    def movements(self) -> Iterator[Step]:
        """The area's body reserves, uses and releases land under the powers lent to it."""
        for number, (side, day, claimed, used, released) in enumerate(CLAIMS):
            key, lent, body = f"claim-{number}", self.result(f"lent-{side}"), self.cast["area"]
            project = f"{MARK}：示例项目{number + 1}"
            reserve = self.kept(
                key, land.land_reserve, account=self.result(f"land-{side}"), project=project, m2=claimed, reason=f"{MARK}：项目预审通过",
                delegation=lent,
            )  # fmt: skip
            yield Step(at(day, 11), body, key, reserve)
            for days, service, m2, why in (
                (20, land.land_use, used, "供地完成"),
                (25, land.land_release, released, "规模调减"),
            ):
                if m2:
                    act = self.kept(
                        key, service, reservation=self.result(key), m2=m2, reason=f"{MARK}：{why}", delegation=lent
                    )
                    yield Step(at(after(day, days), 11), body, f"{key}-{days}", act)

    def acts(self) -> Iterator[Step]:
        """Filings and permits under delegations; the last one closes the story."""
        places = {"CQ": ("cizhu", "dawan"), "SC": ("gaotan", "tantong")}
        for number in range(14):
            side = ("CQ", "SC")[number % 2]
            day = date(2025, 2, 11) + timedelta(days=20 * number)
            yield self.done(number, day, side, "investment.filing", f"lent-{side}", places[side][number // 2 % 2])
        yield self.done(20, date(2025, 5, 20), "CQ", "construction.permit", "lent-old", "dawan")
        yield self.done(21, date(2025, 8, 5), "SC", "construction.permit", "lent-taken", "gaotan")
        final = self.kept(
            "last",
            delegations.delegated_act,
            delegation=self.result("lent-CQ"),
            kind="investment.filing",
            place="cizhu",
            matter=LAST,
        )
        yield Step(at("2025-11-30", 10), self.cast["area"], "last", final)

    def done(self, number: int, day: date, side: str, kind: str, lent: str, place: str) -> Step:
        """One act of the area's body."""
        matter = f"{MARK}：{'渝' if side == 'CQ' else '川'}侧示例事项{number + 1}"
        values = {"delegation": self.result(lent), "kind": kind, "place": place, "matter": matter}
        return Step(
            at(day, 16),
            self.cast["area"],
            f"act-{number}",
            self.kept(f"act-{number}", delegations.delegated_act, **values),
        )

    def studied(self) -> Step:
        """The joint office keeps a what-if study over made-up enterprises."""
        lines = "".join(f"{json.dumps(entity, ensure_ascii=False)}\n" for entity in enterprises(STUDIED))
        values = {"change": STUDY, "period": str(YEAR), "entities": lines.encode()}
        return Step(at("2025-11-20"), self.cast["joint"], "study", self.kept("study", studies.study_make, **values))

    def published(self) -> Iterator[Step]:
        """Assumed tariffs of both provinces, and the area's unified standards; its prices were promised and no number was found."""
        first, made_up = date(2025, 1, 1), sources()["demonstration"].title
        for place, side in enumerate(("CQ", "SC")):
            rows = [
                Row(utility, customers, measure, Decimal(values[place]), unit, first, FactStatus.ASSUMED, made_up, MARK)
                for utility, customers, measure, unit, *values in PRICES
            ]
            yield Step(
                at("2025-02-20"),
                self.cast[side],
                f"tariffs-{side}",
                self.kept("tariffs", tariffs.tariffs_publish, jurisdiction=side, rows=rows),
            )
        pledge = sources()["programme-gz4"].title
        area = [
            Row(utility, customers, measure, Decimal(UNIFIED[utility, measure]), unit, first, FactStatus.ASSUMED, made_up, MARK)
            if (utility, measure) in UNIFIED
            else Row(utility, customers, measure, None, unit, date(2021, 12, 15), FactStatus.SOURCED, pledge, PLEDGED)
            for utility, customers, measure, unit, *_ in PRICES
        ]  # fmt: skip
        yield Step(
            at("2025-02-21"),
            self.cast["joint"],
            "tariffs-joint",
            self.kept("tariffs", tariffs.tariffs_publish, jurisdiction="joint", rows=area),
        )


APPEALS = (appeals.appeal_file, appeals.appeal_uphold, appeals.appeal_change)
