"""Pages of operations: what each shows to whom, and what a form refuses."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bashu.kernel.parties.selectors import seen_by
from bashu.policy.models import Application, ProfileFact
from bashu.policy.services.appeals import appeal_file
from bashu.policy.services.catalogues import offers_push
from bashu.policy.services.land import land_reserve

NOW, YEAR = datetime(2025, 6, 3, 2, tzinfo=UTC), 2025


def test_an_enterprise_finds_its_offers_and_accepts_one(actors, acting, visit, catalogue, profiled):
    profiled()
    offers_push(ctx=acting(actors["coordinator"]), catalogue=catalogue, year=YEAR)
    page = visit("enterprise.CQ", reverse("policy:mine")).content.decode()
    assert "400,000.00" in page
    assert "Assumed" in page
    accept = next(part for part in page.split('"') if part.endswith("/accept/"))
    answered = visit("enterprise.CQ", accept, {})
    assert answered.status_code == 303
    shown = visit("enterprise.CQ", answered["Location"]).content.decode()
    assert "Offer accepted" in shown
    assert visit("enterprise.SC", answered["Location"]).status_code == 404


def test_applying_asks_only_for_what_is_not_known_and_keeps_the_papers_digest(actors, visit, item, profiled):
    from django.core.files.uploadedfile import SimpleUploadedFile

    profiled()
    path = reverse("policy:apply", args=[item("sc-equipment").public_id])
    page = visit("enterprise.CQ", path).content.decode()
    assert 'name="equipment"' in page
    assert 'name="investment"' not in page
    assert visit("enterprise.CQ", path, {"as_of": "2025-05-31"}).status_code == 422
    sent = {"as_of": "2025-05-31", "equipment": "1000000", "paper": SimpleUploadedFile("发票.pdf", b"%PDF-1.4")}
    assert visit("enterprise.CQ", path, sent).status_code == 303
    with seen_by(actors["enterprise.CQ"].actor):
        assert Application.objects.get().computed_fen == 60_000_00
        assert len(ProfileFact.objects.get(fact="equipment").evidence) == 64


def test_a_refusal_of_the_service_stands_above_the_form(actors, visit, applied):
    path = reverse("policy:application_approve", args=[applied(upto="reviewed").public_id])
    answer = visit("authority.CQ", path, {})
    assert answer.status_code == 403
    assert "somebody else must decide" in answer.content.decode()


def test_the_desk_shows_each_province_its_own(actors, visit, applied):
    applied("cq-research")
    applied("sc-research", who="enterprise.SC")
    ours, theirs = (visit(who, reverse("policy:desk")).content.decode() for who in ("authority.CQ", "authority.SC"))
    assert "重庆企业" in ours
    assert "四川企业" not in ours
    assert "四川企业" in theirs
    assert "重庆企业" not in theirs


def test_an_appeal_is_offered_to_another_office(actors, acting, visit, applied):
    application = applied(upto="refused")
    appeal = appeal_file(ctx=acting(actors["enterprise.CQ"]), application=application, grounds="有误")
    path = reverse("policy:appeal_change", args=[appeal.public_id])
    assert visit("colleague.CQ", path, {"reason": "属实"}).status_code == 403
    assert visit("coordinator", path, {"reason": "属实"}).status_code == 303


def test_the_land_page_tells_what_is_free_and_both_measures_of_the_area(visit, quota):
    quota(100_000, 50_000)
    page = visit("resident.SC", reverse("policy:land")).content.decode()
    for words in ("50,000", "262", "266"):
        assert words in page


def test_an_assumed_tariff_says_so_and_a_promised_one_has_no_number(actors, acting, visit, settings):
    from datetime import date

    from bashu.policy.services.tariffs import Row, tariffs_publish

    settings.BASHU_DEMO = True
    row = Row("water", "工业", "price", Decimal("3.25"), "yuan/m3", date(2025, 1, 1), "assumed", "演示")
    tariffs_publish(ctx=acting(actors["authority.CQ"]), jurisdiction="CQ", rows=[row])
    tariffs_publish(
        ctx=acting(actors["coordinator"]), jurisdiction="joint", rows=[row._replace(value=None, status="sourced")]
    )
    page = visit("resident.SC", reverse("policy:tariffs")).content.decode()
    for words in ("3.25", "Assumed", "promised, no number found"):
        assert words in page


def test_an_office_finds_the_profiles_of_its_side_and_the_joint_office_all(visit, profiled):
    for who in ("enterprise.CQ", "enterprise.SC"):
        profiled(who)
    ours, all_of_them = (
        visit(who, reverse("policy:profiles")).content.decode() for who in ("authority.CQ", "coordinator")
    )
    assert "重庆企业" in ours
    assert "四川企业" not in ours
    assert "四川企业" in all_of_them
    found = visit("coordinator", reverse("policy:profiles") + "?profiles.q=四川企业&profiles.as=csv")
    rows = b"".join(found.streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].split(",")[-2:] == ["3", "2025-05-31"]


def test_every_fact_that_a_levy_waits_for_can_be_recorded_on_the_page(actors, visit, profiled):
    firm = profiled()
    path = reverse("policy:profile_record", args=[firm.public_id])
    assert '<option value="county_town">county town</option>' in visit("enterprise.CQ", path).content.decode()
    told = {
        "as_of": "2025-06-01",
        "town_grade": "county_town",
        "turnover_tax_paid": "100000.00",
        "small_enterprise": "true",
    }
    assert visit("enterprise.CQ", path, told).status_code == 303
    assert "2,500" in visit("enterprise.CQ", reverse("policy:profile", args=[firm.public_id])).content.decode()


def test_a_budget_is_called_as_its_catalogue_says(visit, catalogue):
    assert "Sample: budget for research" in visit("coordinator", reverse("policy:desk")).content.decode()


def test_a_tariff_is_shown_with_every_decimal_it_was_published_with(actors, acting, visit):
    from datetime import date

    from bashu.policy.services.tariffs import Row, tariffs_publish

    row = Row("power", "工商业", "price", Decimal("0.528375"), "yuan/kWh", date(2025, 1, 1), "sourced", "某价格文件")
    tariffs_publish(ctx=acting(actors["authority.CQ"]), jurisdiction="CQ", rows=[row])
    assert "0.528375" in visit("resident.SC", reverse("policy:tariffs")).content.decode()


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("mine", "enterprise.CQ"),
        ("desk", "coordinator"),
        ("profiles", "coordinator"),
        ("powers", "resident.SC"),
        ("land", "resident.SC"),
    ],
)
def test_the_number_of_queries_does_not_grow_with_rows(actors, acting, visit, applied, quota, lent, name, who):
    def rows(code):
        applied(code)
        lent()
        land_reserve(ctx=acting(actors["authority.CQ"]), account=account, project=code, m2=10, reason="落地")

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert visit(who, reverse(f"policy:{name}")).status_code == 200
        return len(found)

    account = quota()
    rows("cq-research")
    queries()  # what is read once is read now
    few = queries()
    for code in ("sc-research", "cq-talent", "sc-talent"):
        rows(code)
    assert queries() == few
