"""What the tests of operations share: commands at a fixed hour, a catalogue, enterprises with profiles, applications at each stage."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

NOW = datetime(2025, 6, 3, 2, tzinfo=UTC)  # a Tuesday
YEAR = 2025
SAMPLE = Path(__file__).resolve().parents[3] / "src" / "bashu" / "policy" / "facts" / "sample" / "catalogue.yaml"
FACTS = {"research_spending": "4000000.00", "hired_doctors": 4, "investment": "50000000.00"}


@pytest.fixture
def acting() -> Callable[..., Any]:
    """`acting(actors["authority.CQ"])`: a command of that person at NOW; for nobody without a person."""

    def make(player: Any = None, **options: Any) -> Any:
        from bashu.kernel.commands.actor import ANONYMOUS
        from bashu.kernel.commands.command import Command

        return Command(actor=player.actor if player else ANONYMOUS, now=options.pop("now", NOW), **options)

    return make


@pytest.fixture
def catalogue(actors: Any, acting: Any) -> Any:
    """The sample catalogue, published."""
    from bashu.policy.services.catalogues import catalogue_publish

    return catalogue_publish(ctx=acting(actors["coordinator"]), content=SAMPLE.read_text())


@pytest.fixture
def item(catalogue: Any) -> Callable[[str], Any]:
    """`item("cq-research")`: an item of the published catalogue."""
    return lambda code: catalogue.items.select_related("catalogue").get(code=code)


@pytest.fixture
def profiled(actors: Any, acting: Any, catalogue: Any) -> Callable[..., Any]:
    """`profiled("enterprise.CQ", equipment="…")`: declare facts for an enterprise; its organisation."""

    def make(who: str = "enterprise.CQ", **changes: Any) -> Any:
        from bashu.policy.services.profiles import profile_record

        facts = {name: value for name, value in {**FACTS, **changes}.items() if value is not None}
        return profile_record(
            ctx=acting(actors[who]), organisation=actors[who].organisation, facts=facts, as_of=date(2025, 5, 31)
        )

    return make


@pytest.fixture
def applied(actors: Any, acting: Any, item: Any, profiled: Any) -> Callable[..., Any]:
    """`applied("cq-research", upto="reviewed")`: an application taken so far by the offices of its province."""

    def make(code: str = "cq-research", upto: str = "submitted", who: str = "enterprise.CQ", **facts: Any) -> Any:
        from bashu.kernel.parties.selectors import seen_by
        from bashu.policy.models import ProfileFact
        from bashu.policy.services import applications

        with seen_by(actors[who].actor):
            known = ProfileFact.objects.filter(organisation=actors[who].organisation).exists()
        if not known:
            profiled(who, **facts)
        side = "CQ" if code.startswith("cq") else "SC"
        first, second = actors[f"authority.{side}"], actors["coordinator"]
        application = applications.application_submit(
            ctx=acting(actors[who]), organisation=actors[who].organisation, item=item(code), year=YEAR
        )
        if upto == "submitted":
            return application
        application = applications.application_accept(ctx=acting(first), application=application)
        if upto == "complete":
            return application
        application = applications.application_review(ctx=acting(first), application=application, finding="属实")
        if upto == "reviewed":
            return application
        if upto == "refused":
            decider = actors["colleague.CQ"] if side == "CQ" else second
            return applications.application_refuse(ctx=acting(decider), application=application, reason="凭证不符")
        application = applications.application_approve(ctx=acting(second), application=application)
        if upto == "approved":
            return application
        return applications.application_pay(ctx=acting(first), application=application, order=f"ZF-{code}-{who}")

    return make


@pytest.fixture
def lent(actors: Any, acting: Any) -> Callable[..., Any]:
    """`lent(valid_to=…)`: a power lent by Chongqing's authority to the area's body; anything may be overruled."""

    def make(**changes: Any) -> Any:
        from bashu.policy.services.delegations import delegation_grant

        values = {
            "delegator": actors["authority.CQ"].organisation, "delegate": actors["coordinator"].organisation,
            "acts": ["land.reserve", "land.use", "land.release", "investment.filing"], "area": "new-area-gaozhu", "basis": "依法委托",
            "source": "决定第三条", "valid_from": date(2025, 1, 1), **changes,
        }  # fmt: skip
        return delegation_grant(ctx=acting(actors["authority.CQ"]), **values)

    return make


@pytest.fixture
def quota(actors: Any, acting: Any) -> Callable[..., Any]:
    """`quota(100_000, 50_000)`: Chongqing's account with so much planned and allocated."""

    def make(planned: int = 100_000, allocated: int = 50_000) -> Any:
        from bashu.policy.services.land import land_allocate, land_plan

        office = actors["authority.CQ"]
        account = land_plan(
            ctx=acting(office), area="new-area-gaozhu", side="CQ", year=YEAR, m2=planned, reason="年度计划"
        )
        return land_allocate(ctx=acting(office), account=account, m2=allocated, reason="首批") if allocated else account

    return make


@pytest.fixture
def delivered(actors: Any) -> Callable[..., Any]:
    """`delivered(player, teu=12, freight_fen=1)`: a consignment delivered for that shipper in May, as its record stands."""

    def make(player: Any, *, teu: int, freight_fen: int) -> Any:
        from bashu.kernel.parties.selectors import seen_by
        from bashu.logistics.models import Consignment, NetworkVersion, Terms

        may, own = datetime(2025, 5, 20, 2, tzinfo=UTC), player.organisation.public_id
        with seen_by(actors["coordinator"].actor):
            network, _made = NetworkVersion.objects.get_or_create(
                digest="0" * 64,
                defaults={
                    "content": b"", "status": "assumed", "hubs": 0, "services": 0, "departures": 0, "difference": {}, "current": True,
                    "organisation": actors["coordinator"].organisation, "imported_by": own, "imported_at": may,
                },
            )  # fmt: skip
            one = Consignment.objects.create(
                number=f"B{Consignment.objects.count() + 1:08d}", shipper=player.organisation, origin="500000", destination="SGSIN",
                goods="样品", hs_code="840690", weight_kg=1, teu=teu, departs_at=may, arrives_at=may, predicted_at=may,
                state="delivered", held_until=may, booked_at=may, delivered_at=may, readers=[own],
            )  # fmt: skip
            Terms.objects.create(
                consignment=one, consignee="收货人", goods_value=1, currency="CNY", exchange_rate=1, goods_value_fen=100,
                network=network, price_fen=freight_fen, gco2e=0, plan={}, readers=[own],
            )  # fmt: skip
        return one

    return make


@pytest.fixture
def retired(actors: Any) -> Callable[..., Any]:
    """`retired(player, mwh=250)`: so many green certificates retired for that enterprise in May, as their record stands."""

    def make(player: Any, *, mwh: int) -> Any:
        from bashu.kernel.parties.selectors import seen_by
        from bashu.power.models import Batch, Retirement, Unit

        may, firm = datetime(2025, 5, 20, 2, tzinfo=UTC), player.organisation
        grid = actors["operator.CQ"]
        with seen_by(grid.actor):
            unit = Unit.objects.create(
                code="U", name_zh="风电场", technology="wind", commissioned_on=date(2023, 1, 1), jurisdiction="CQ", owner=firm,
                registry=grid.organisation,
            )  # fmt: skip
            batch = Batch.objects.create(
                unit=unit, month=date(2025, 4, 1), first=1, last=mwh, certified_wh=mwh * 10**6, remainder_wh=0, tradable=True,
                expires_on=date(2027, 4, 30), rule="r", issued_at=may,
            )  # fmt: skip
        with seen_by(player.actor):
            return Retirement.objects.create(
                unit=unit, batch=batch, first=1, last=mwh, owner=firm, beneficiary=firm, purpose="用电", retired_at=may
            )

    return make


@pytest.fixture
def visit(client, signed_in, actors, monkeypatch):
    """`visit("enterprise.CQ", path)`: a page as that person sees it, on the tests' day; with data, a sent form."""
    from bashu.kernel.web import clock

    monkeypatch.setattr(clock, "now", lambda: NOW)

    def go(who, path, data=None):
        client.logout()
        signed_in(client, actors[who])
        client.cookies["bashu_language"] = "en"
        return client.get(path) if data is None else client.post(path, data)

    return go
