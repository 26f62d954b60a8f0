"""The shell: languages, theme, security headers, health, metrics, static files, navigation."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils.translation import gettext_lazy

from bashu.kernel.web import assets, health, navigation


@pytest.fixture
def gallery(site: Client, settings: object) -> Client:
    settings.BASHU_DEMO = True  # type: ignore[attr-defined]
    return site


class TestLanguage:
    def test_pages_speak_chinese_until_the_visitor_switches(self, gallery: Client) -> None:
        del gallery.cookies["bashu_language"]
        page = gallery.get("/styleguide", headers={"accept-language": "en"}).content.decode()
        assert '<html lang="zh-Hans"' in page
        assert "跳到正文" in page

    def test_the_switch_is_kept_and_leads_back(self, gallery: Client) -> None:
        del gallery.cookies["bashu_language"]
        answer = gallery.post("/language", {"language": "en", "next": "/styleguide"})
        assert (answer.status_code, answer["Location"]) == (302, "/styleguide")
        page = gallery.get("/styleguide").content.decode()
        assert '<html lang="en"' in page
        assert "Skip to the content" in page

    def test_the_switch_leads_nowhere_else(self, gallery: Client) -> None:
        answer = gallery.post("/language", {"language": "en", "next": "https://evil.example/"})
        assert "evil" not in answer["Location"]

    def test_a_language_we_do_not_speak_is_ignored(self, gallery: Client) -> None:
        gallery.cookies["bashu_language"] = "xx"
        assert '<html lang="zh-Hans"' in gallery.get("/styleguide").content.decode()

    def test_the_api_answers_in_the_language_asked_for(self, site: Client) -> None:
        del site.cookies["bashu_language"]
        chinese = site.get("/api/v1/refuse/missing", headers={"accept-language": "zh-CN"})
        assert chinese.json()["title"] == "未找到"


class TestSecurity:
    def test_the_policy_admits_nothing_inline(self, gallery: Client) -> None:
        policy = gallery.get("/styleguide")["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy

    def test_the_page_needs_nothing_inline(self, gallery: Client) -> None:
        page = gallery.get("/styleguide").content.decode()
        assert "style=" not in page
        assert not re.search(r"\son\w+=", page)
        assert all('type="application/json"' in tag or "src=" in tag for tag in re.findall(r"<script[^>]*>", page))

    def test_the_gallery_is_closed_to_strangers_of_a_real_node(self, site: Client) -> None:
        assert site.get("/styleguide").status_code == 404


class TestTheme:
    @pytest.mark.parametrize(("cookie", "shown"), [("dark", "dark"), ("light", "light"), ('"><script>', "auto")])
    def test_the_page_is_written_in_the_visitors_theme(self, gallery: Client, cookie: str, shown: str) -> None:
        gallery.cookies["bashu_theme"] = cookie
        assert f'data-theme="{shown}"' in gallery.get("/styleguide").content.decode()


class TestDemonstration:
    def test_the_banner_names_the_instant(self, gallery: Client) -> None:
        page = gallery.get("/styleguide").content.decode()
        assert "Demonstration data" in page
        assert "2025-11-30 10:00" in page

    def test_a_real_node_has_no_banner(self, site: Client) -> None:
        assert "Demonstration data" not in site.get("/api/v1/docs").content.decode()


class TestHealth:
    def test_live_asks_nothing_of_the_database(self, site: Client, django_assert_num_queries: object) -> None:
        with django_assert_num_queries(0):  # type: ignore[operator]
            assert site.get("/health/live").json() == {"status": "live"}

    def test_without_its_database_the_node_lives_and_says_what_is_away(
        self, site: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object) -> None:
            raise OperationalError("connection to server at 10.0.0.1 refused")

        monkeypatch.setattr("bashu.kernel.parties.middleware.set_scope", away)
        assert site.get("/health/live").status_code == 200
        page, problem = site.get("/refuse/missing"), site.get("/api/v1/numbers")
        assert (page.status_code, problem.status_code) == (503, 503)
        assert "Nothing was written" in page.content.decode()
        assert problem.json()["type"] == "urn:bashu:error:bashu.unavailable"
        assert "10.0.0.1" not in page.content.decode() + problem.content.decode()

    @pytest.fixture
    def patient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The tests' database has entries that no sealer will ever come for: allow them ten years."""
        monkeypatch.setattr(health, "SEALER_BEHIND_SECONDS", 10 * 365 * 86400)

    def test_ready_when_all_is_in_order(self, site: Client, patient: None) -> None:
        answer = site.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")

    def test_not_ready_when_an_entry_waits_for_the_sealer_too_long(self, site: Client, patient: None) -> None:
        from bashu.kernel.journal.models import Unsealed

        Unsealed.objects.create(entry_id=UUID(int=7 << 76 | 2 << 62))  # made at the beginning of Unix time
        answer = site.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {"database": "ok", "migrations": "ok", "sealer": "failed"}


class TestMetrics:
    def test_a_caller_on_this_machine_sees_requests_by_route(self, site: Client) -> None:
        site.get("/refuse/missing")
        text = site.get("/metrics").content.decode()
        assert re.search(r'bashu_requests_total{method="GET",route="refuse/<how>",status="404"} [1-9]', text)
        assert "bashu_journal_unsealed_entries" in text

    @pytest.mark.parametrize("away", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}])
    def test_others_do_not_know_it_exists(self, site: Client, away: dict[str, str]) -> None:
        assert site.get("/metrics", **away).status_code == 404


class TestAssets:
    def test_the_version_follows_the_files(self, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = tmp_path / "room" / "static"  # type: ignore[operator]
        folder.mkdir(parents=True)
        (folder / "a.css").write_text("a")
        monkeypatch.setattr(assets, "PACKAGE", tmp_path)
        first = assets.version()
        (folder / "a.css").write_text("b")
        assert assets.version() != first


class TestNavigation:
    @pytest.fixture(autouse=True)
    def own_places(self, monkeypatch: pytest.MonkeyPatch, site: Client) -> Iterator[None]:
        monkeypatch.setattr(navigation, "REGISTERED", {})
        navigation.register(gettext_lazy("Components"), "web:styleguide", order=2)
        navigation.register("API", "web:operations", order=1, system="Kernel")
        navigation.register("Not served", "no:such", order=0)
        navigation.register("Private", "web:live", order=3, signed_in=True)
        yield

    def test_shows_systems_and_the_places_of_the_one_asked_for_in_order(self) -> None:
        found = navigation.links(RequestFactory().get("/styleguide"), signed_in=False)
        assert found.systems == [navigation.Link("Kernel", "/api/v1/docs", True)]
        assert [(link.url, link.current) for link in found.places] == [("/api/v1/docs", False), ("/styleguide", True)]

    def test_a_system_of_one_place_needs_no_second_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(navigation, "REGISTERED", {})
        navigation.register("Components", "web:styleguide", order=1)
        assert navigation.links(RequestFactory().get("/styleguide"), signed_in=False).places == []

    def test_an_unserved_address_is_in_no_system(self) -> None:
        found = navigation.links(RequestFactory().get("/no/such/"), signed_in=False)
        assert not found.places and not any(link.current for link in found.systems)

    def test_some_places_are_for_the_signed_in(self) -> None:
        found = navigation.links(RequestFactory().get("/styleguide"), signed_in=True)
        assert found.places[-1].label == "Private"
