"""Profiles with tables of rows: what they hold, what an enterprise pays by them, and who computes over which of them."""

import json
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.policy import errors
from bashu.policy.models import ProfileFact
from bashu.policy.selectors import profiles, studies
from bashu.policy.services.profiles import profile_record

NOW = datetime(2025, 6, 3, 2, tzinfo=UTC)
WORKS = [{"date": "2025-03-01", "area": 10_000}]
CSV = b"date,area\r\n2025-03-01,10000\r\n2025-04-01,500\r\n"


@pytest.fixture
def told(actors, acting):
    """`told("enterprise.CQ", disturbances=[…])`: facts and tables declared by an enterprise."""

    def make(who, **facts):
        firm = actors[who]
        return profile_record(ctx=acting(firm), organisation=firm.organisation, facts=facts, as_of=date(2025, 5, 31))

    return make


class TestTables:
    @pytest.mark.parametrize(
        ("rows", "refusal"),
        [
            ("many", errors.FactWrong),
            ([1], errors.FactWrong),
            ([{"date": "March", "area": 1}], errors.FactWrong),
            ([{"date": "2025-03-01", "area": -1}], errors.FactWrong),
            ([{"date": "2025-03-01", "area": 1, "colour": "red"}], errors.FactUnknown),
            ([{"date": "2025-03-01", "area": 1}] * 1001, errors.FactWrong),
            (None, errors.FactWrong),
        ],
    )
    def test_rows_that_entity_files_could_not_hold_are_refused(self, told, rows, refusal):
        with pytest.raises(refusal):
            told("enterprise.CQ", disturbances=rows)

    def test_a_table_is_kept_whole_and_superseded_whole(self, actors, told):
        told("enterprise.CQ", disturbances=WORKS)
        firm = told("enterprise.CQ", disturbances=[])
        with seen_by(actors["enterprise.CQ"].actor):
            assert profiles.profile_of(firm.public_id)["disturbances"].value == []
            assert ProfileFact.objects.count() == 2

    def test_a_division_is_told_by_its_code(self, told):
        told("enterprise.CQ", place="500112")
        with pytest.raises(errors.FactWrong):
            told("enterprise.CQ", place="渝北区")

    def test_facts_that_contradict_what_is_known_are_refused(self, told):
        told("enterprise.CQ", staff=5)
        with pytest.raises(errors.FactsDisagree):
            told("enterprise.CQ", disabled_staff=6)
        told("enterprise.CQ", disabled_staff=6, staff=7)

    def test_levies_are_computed_from_the_profile(self, actors, told):
        firm = told("enterprise.CQ", disturbances=WORKS)
        with seen_by(actors["enterprise.CQ"].actor):
            known = profiles.profiles_of()
            results = {row["item"]: row for row in profiles.levies_of(known, "2025", why=True)}
        soil = results["soil_conservation"]
        assert (soil["entity"], soil["cq_fen"], soil["sc_fen"], soil["payable_fen"], soil["winner"]) == (
            str(firm.public_id), 14_000_00, 13_000_00, 13_000_00, "sc",
        )  # fmt: skip
        assert soil["why"]["parts"][0]["sentence"]["zh"]


class TestPages:
    def test_a_table_comes_from_a_file_and_the_page_shows_it_with_the_levy(self, actors, visit):
        firm = actors["enterprise.CQ"].organisation
        path = reverse("policy:profile_table", args=[firm.public_id])
        sent = {"table": "disturbances", "as_of": "2025-05-31", "rows": SimpleUploadedFile("works.csv", CSV)}
        assert visit("enterprise.CQ", path, sent).status_code == 303
        page = visit("enterprise.CQ", reverse("policy:profile", args=[firm.public_id])).content.decode()
        for words in ("2 rows", "2025-04-01", "13,650", "14,700", "Sichuan"):
            assert words in page, words

    @pytest.mark.parametrize(
        "content", [b"date,area\n2025-03-01\n", b"date,area\nMarch,1\n", "日期".encode("gb18030") + b"\xff\n1\n"]
    )
    def test_a_file_that_cannot_be_read_is_refused_beside_the_form(self, actors, visit, content):
        firm = actors["enterprise.CQ"].organisation
        path = reverse("policy:profile_table", args=[firm.public_id])
        sent = {"table": "disturbances", "as_of": "2025-05-31", "rows": SimpleUploadedFile("works.csv", content)}
        assert visit("enterprise.CQ", path, sent).status_code == 422

    def test_the_desk_says_when_offers_were_last_computed(self, actors, acting, visit, catalogue, profiled):
        from bashu.policy.services.catalogues import offers_push

        profiled()
        offers_push(ctx=acting(actors["coordinator"]), catalogue=catalogue, year=2025)
        page = visit("authority.CQ", reverse("policy:desk")).content.decode()
        assert "last computed 2025-06-03 10:00, over 1 profiles; 2 were new" in page


class TestWhatIf:
    def test_each_computes_over_the_profiles_it_may_see(self, actors, told):
        told("enterprise.CQ", disturbances=WORKS, place="500112")
        told("enterprise.SC", disturbances=WORKS, place="511623")
        for who, places in {
            "authority.CQ": ["500112"], "authority.SC": ["511623"], "enterprise.CQ": ["500112"],
            "coordinator": ["500112", "511623"], "operator.CQ": [], "resident.SC": [],
        }.items():  # fmt: skip
            with seen_by(actors[who].actor):
                assert sorted(studies.profiled().places) == places, who

    def test_the_desk_offers_them_and_names_them(self, visit, told):
        told("enterprise.CQ", disturbances=WORKS, place="500112")
        address = reverse("policy:whatif") + "?number=soil_rate&province=SC&value=1.5&period=2025&population=profiles"
        page = visit("authority.CQ", address).content.decode()
        assert "over the 1 enterprises whose profile you may see" in page
        assert "重庆企业" in page
        assert "1,000" in page  # 13,000 yuan become 14,000, Chongqing's
        assert 'name="population"' not in visit("authority.SC", reverse("policy:whatif")).content.decode()

    def test_the_api_computes_over_them_too(self, visit, told, client):
        told("enterprise.CQ", disturbances=WORKS, place="500112")
        visit("authority.CQ", reverse("policy:whatif"))
        asked = {"change": {"parameter": "soil_rate", "province": "SC", "value": "1.5"}, "population": "profiles"}
        answer = client.post("/api/v1/policy/whatif", json.dumps(asked), content_type="application/json")
        assert answer.json()["sums"]["losers"] == 1


class TestCommands:
    def test_record_show_and_evaluate_a_profile(self, actors, monkeypatch, tmp_path):
        from typer.testing import CliRunner

        from bashu.policy import profile_cli

        firm, office = actors["enterprise.CQ"].organisation, actors["authority.CQ"].actor
        monkeypatch.setattr(clock, "now", lambda: NOW)
        monkeypatch.setattr(profile_cli, "acting", lambda: office)
        (tmp_path / "works.csv").write_bytes(CSV)

        def run(*words):
            return CliRunner().invoke(profile_cli.app, [str(word) for word in words])

        table = f"disturbances={tmp_path / 'works.csv'}"
        assert run("list").stdout.startswith("No profile that you may see.")
        done = run("record", firm.public_id, "--fact", "staff=20", "--fact", "small_enterprise=true", "--table", table)
        assert "recorded staff, small_enterprise, disturbances" in done.stdout
        assert "2 rows" in run("show", firm.public_id).stdout
        found = {row["item"]: row for row in json.loads(run("evaluate", "--period", "2025", "--json").stdout)}
        assert found["soil_conservation"]["payable_fen"] == 13_650_00
        assert "1 enterprises, 2025: payable" in run("evaluate", firm.public_id, "--explain").stdout
        assert isinstance(run("record", firm.public_id, "--fact", "staff=x").exception, errors.FactWrong)
        for words in (
            ["record", firm.public_id],
            ["record", firm.public_id, "--fact", "staff"],
            ["evaluate", "--period", "x"],
        ):
            assert run(*words).exit_code == 2, words
