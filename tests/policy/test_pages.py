"""The pages of the rules: what they show to everybody, and what a kept study shows to whom."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from bashu.kernel.web import clock
from bashu.policy.selectors import library
from bashu.policy.selectors.studies import kept_rows, written

EXAMPLE = "?investment=50000000&research_spending=12000000&hired_doctors=12&equipment=30000000&disturbed_area=10000"
DAY = "2025-06-01"
SOIL = {"disturbances": [{"date": DAY, "area": 10000}]}


@pytest.fixture
def page(db, client):
    """`page("policy:rules")`: the page in English, as nobody."""
    client.cookies["bashu_language"] = "en"

    def get(name, query="", status=200, **arguments):
        response = client.get(reverse(name, kwargs=arguments) + query)
        assert response.status_code == status, response.content.decode()[:2000]
        return response.content.decode()

    return get


class TestWhatCanIGet:
    def test_begins_with_five_questions_and_says_that_the_items_are_samples(self, page):
        shown = page("policy:entitled")
        assert shown.count('class="field"') == 5
        assert "no policy of either government" in shown

    def test_answers_with_the_best_set_both_counterfactuals_and_reasons(self, page):
        shown = page("policy:entitled", EXAMPLE)
        for words in ("3,180,000", "Proven best", "680,000 yuan more", "Cannot be had together with", "1,300,000"):
            assert words.replace("1,300,000", "13,000") in shown, words

    def test_an_answer_left_out_is_a_missing_fact_and_says_what_it_could_change(self, page):
        shown = page("policy:entitled", "?investment=50000000&research_spending=12000000")
        assert "Not told yet: Equipment bought" in shown
        assert "up to" in shown

    @pytest.mark.parametrize(
        "query", ["?investment=", "?investment=-1", "?investment=1e99", "?investment=5&hired_doctors=1.5"]
    )
    def test_what_cannot_be_read_is_said_beside_the_question(self, page, query):
        assert 'aria-invalid="true"' in page("policy:entitled", query, 422)


class TestRules:
    def test_every_levy_and_item_stands_in_its_area(self, page):
        shown = page("policy:rules")
        for area in library.shipped().areas.values():
            assert area.label["en"] in shown
        for levy in library.shipped().levies:
            assert reverse("policy:rule", args=[levy]) in shown
        assert "Sichuan lower" in shown
        assert "the powers given" not in shown

    def test_a_national_levy_is_told_by_its_rate_and_a_relief_that_ended_leaves_no_doubt(self, page):
        row = page("policy:rules").partition(reverse("policy:rule", args=["stamp"]))[2].partition("</tr>")[0]
        assert "sale 0.3‰" in row
        rented = (
            page("policy:rules").partition(reverse("policy:rule", args=["property_rented"]))[2].partition("</tr>")[0]
        )
        assert "12%" in rented
        assert "Sourced" in rented
        shown = page("policy:rule", code="property_rented")
        assert "(2022-01-01 – 2022-12-31)" in shown
        assert "data-chart" not in shown  # nothing ever changed

    @pytest.mark.parametrize("code", list(library.shipped().levies))
    def test_every_levy_has_its_page(self, page, code):
        shown = page("policy:rule", code=code)
        assert f"{code}:" in shown  # as it is written
        assert library.shipped().digest in shown

    def test_a_levy_shows_both_sides_history_source_and_legal_basis(self, page):
        shown = page("policy:rule", code="environment_air")
        for words in ("3.5 yuan/pollution equivalent", "3.9 yuan/pollution equivalent", "2018-01-01 – 2020-12-31", "Unverified", "Sourced",
                      "the sum of", "legal basis", "data-chart=\"series\""):  # fmt: skip
            assert words in shown, words

    @pytest.mark.parametrize("code", [item.id for item in library.offers().items])
    def test_every_item_has_its_page_and_says_that_it_is_a_sample(self, page, code):
        assert "Sample" in page("policy:item", code=code)

    def test_what_does_not_exist_is_not_found(self, page):
        page("policy:rule", status=404, code="nonsense")
        page("policy:item", status=404, code="nonsense")


class TestWhatIf:
    def test_shows_winners_losers_cost_distribution_map_and_table(self, page):
        shown = page("policy:whatif", "?number=soil_rate&province=SC&value=1.2&period=2025")
        for words in ("Pay less", "Collected less", 'data-chart="bars"', 'data-chart="map"', "demo-0"):
            assert words in shown, words

    def test_exports_what_it_shows(self, db, client):
        address = reverse("policy:whatif") + "?number=soil_rate&province=SC&value=1.2&period=2025&effects.as="
        table = b"".join(client.get(address + "csv").streaming_content).decode("utf-8-sig").splitlines()
        assert len(table) > 1000
        assert client.get(address + "xlsx").status_code == 200

    @pytest.mark.parametrize(
        "query",
        [
            "number=soil_rate&province=SC&value=x&period=2025", "number=nonsense&province=SC&value=1&period=2025",
            "number=soil_rate&province=SC&value=-1&period=2025", "number=soil_rate&province=SC&value=1e999999999&period=2025",
            "number=soil_rate&province=SC&value=1/0&period=2025", "number=soil_rate&province=SC&value=1e29&period=2025",
            "number=soil_rate&province=XX&value=1&period=2025", "number=soil_rate",
        ],
    )  # fmt: skip
    def test_what_cannot_be_tried_is_refused_beside_the_field(self, page, query):
        page("policy:whatif", f"?{query}", 422)

    def test_by_county_too_as_divisions_were_when_the_year_began(self, page, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: datetime(2025, 11, 30, 2, tzinfo=UTC))
        shown = page("policy:whatif", "?number=soil_rate&province=SC&value=1.2&period=2025&level=counties")
        assert "By prefecture" in shown
        assert "Yubei District" in shown  # it ended in November: what is said of it is not lost


class TestStudies:
    CHANGE = {"number": "soil_rate", "province": "SC", "value": "1.2", "period": "2025"}

    def upload(self, client, lines):
        from django.core.files.uploadedfile import SimpleUploadedFile

        data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        return client.post(
            reverse("policy:whatif_new"), {**self.CHANGE, "entities": SimpleUploadedFile("e.jsonl", data)}, follow=False
        )

    def test_a_short_file_is_computed_at_once_and_seen_by_its_own_side_only(self, actors, signed_in):
        own, other = (signed_in(Client(), actors[name]) for name in ("enterprise.CQ", "enterprise.SC"))
        answer = self.upload(own, [{"id": "a", "place": "500112", **SOIL}, {"id": "b", "place": "500112"}])
        assert answer.status_code == 303
        assert "1,000" in own.get(answer["Location"]).content.decode()
        table = own.get(answer["Location"] + "?effects.as=csv")
        assert b"".join(table.streaming_content).decode("utf-8-sig").splitlines()[1:] == [
            "a,500112 渝北区,13000,12000,-1000"
        ]
        assert other.get(answer["Location"]).status_code == 404
        assert signed_in(Client(), actors["authority.CQ"]).get(answer["Location"]).status_code == 200
        assert own.get(reverse("policy:whatif_studies")).status_code == 200

    def test_a_faulty_file_is_refused_with_its_line(self, actors, signed_in):
        answer = self.upload(signed_in(Client(), actors["enterprise.CQ"]), [{"id": "a"}, {"id": "a"}])
        assert answer.status_code == 422
        assert "entities.jsonl:2: id a stands on line 1 already" in answer.content.decode()

    def test_a_long_file_becomes_a_job_whose_figures_are_kept(self, actors, signed_in, monkeypatch):
        from bashu.kernel.jobs.models import Job
        from bashu.kernel.jobs.progress import Progress
        from bashu.kernel.jobs.services import actor_of
        from bashu.kernel.parties.selectors import seen_by
        from bashu.policy.models import WhatIfStudy
        from bashu.policy.tasks import study_compute

        monkeypatch.setattr("bashu.policy.services.studies.SHORT", 1)
        client = signed_in(Client(), actors["enterprise.CQ"])
        answer = self.upload(client, [{"id": f"e{number}", **SOIL} for number in range(5)])
        assert "progress" in client.get(answer["Location"]).content.decode()
        with seen_by(actors["enterprise.CQ"].actor):
            job = Job.objects.get(kind="policy.whatif.compute")
            Job.objects.filter(pk=job.pk).update(state="running")
            result = study_compute(Progress(job, actor_of(job)), job.parameters, actor_of(job))
            study = WhatIfStudy.objects.get()
        assert (result["winners"], result["gained"]) == (5, 500000)
        assert study.outcome["sums"]["winners"] == len(kept_rows(bytes(study.table))) == 5
        assert "5" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("address", "most"),
    [("/policy/" + EXAMPLE, 6), ("/policy/rules/", 6), ("/policy/rules/environment_air/", 6), ("/policy/whatif/", 8)],
)
def test_a_page_takes_few_statements(db, client, django_assert_max_num_queries, address, most):
    """The rules are files read once: only the session, the journal's size and the map's places are asked of the database."""
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200


def test_rows_survive_being_kept():
    from bashu.policy.selectors.studies import Row

    rows = [Row('a,"b"\n', "500112", 1, 2, 1), Row("乙", "", 5, 0, -5)]
    assert kept_rows(written(rows)) == rows
