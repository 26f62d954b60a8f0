"""Refusals: problem+json for programs, plain pages for people, never our insides."""

from uuid import UUID

import pytest
from django.test import Client

STATUSES = {
    "forbidden": 403, "missing": 404, "stale": 409, "many": 429, "who": 401, "clash": 409, "odd": 409, "gone": 404, "away": 503,
    "fault": 500,
}  # fmt: skip


class TestProblemJson:
    @pytest.mark.parametrize(("how", "status"), STATUSES.items())
    def test_every_refusal_has_the_members_of_rfc_9457(self, site: Client, how: str, status: int) -> None:
        answer = site.get(f"/api/v1/refuse/{how}")
        body = answer.json()
        assert (answer.status_code, body["status"]) == (status, status)
        assert answer["Content-Type"] == "application/problem+json"
        assert body["type"].startswith("urn:bashu:error:")
        assert body["title"]
        assert body["detail"]
        assert body["instance"] == f"urn:uuid:{answer['X-Request-ID']}"

    def test_names_the_code_and_the_safe_context(self, site: Client) -> None:
        body = site.get("/api/v1/refuse/stale").json()
        assert body["type"] == "urn:bashu:error:bashu.stale"
        assert body["context"] == {"current": 3, "seen": 2}

    def test_an_object_in_the_context_does_not_break_the_answer(self, site: Client) -> None:
        context = site.get("/api/v1/refuse/odd").json()["context"]
        assert context["at"] == [1, {"a": None}]
        assert isinstance(context["record"], str)

    def test_waiting_and_signing_in_are_told_in_headers(self, site: Client) -> None:
        assert site.get("/api/v1/refuse/many")["Retry-After"] == "7"
        assert site.get("/api/v1/refuse/who")["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("how", ["fault", "away", "gone"])
    def test_insides_stay_inside(self, site: Client, how: str) -> None:
        answer = site.get(f"/api/v1/refuse/{how}").content.decode()
        assert "internal words" not in answer
        assert "10.0.0.1" not in answer
        assert "Traceback" not in answer

    def test_malformed_input_is_422_with_its_places(self, site: Client) -> None:
        answer = site.post("/api/v1/things", {"name": "crane", "weight": "heavy"}, content_type="application/json")
        body = answer.json()
        assert answer.status_code == 422
        assert body["type"] == "urn:bashu:error:bashu.malformed"
        assert [fault["place"] for fault in body["errors"]] == ["body.body.weight"]
        assert "heavy" not in answer.content.decode()

    def test_a_body_that_is_not_json_is_refused_as_malformed(self, site: Client) -> None:
        answer = site.post("/api/v1/things", b'{"name": \xff', content_type="application/json")
        assert answer.status_code in (400, 422)
        assert answer["Content-Type"] == "application/problem+json"

    def test_an_address_the_api_does_not_have_is_a_problem_too(self, site: Client) -> None:
        answer = site.get("/api/v1/nowhere")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


class TestErrorPages:
    @pytest.mark.parametrize(("how", "status"), [(how, status) for how, status in STATUSES.items() if how != "who"])
    def test_every_refusal_is_a_page_with_its_status_and_request(self, site: Client, how: str, status: int) -> None:
        answer = site.get(f"/refuse/{how}")
        text = answer.content.decode()
        assert answer.status_code == status
        assert answer["Content-Type"] == "text/html; charset=utf-8"
        assert answer["X-Request-ID"] in text
        assert "internal words" not in text
        assert "10.0.0.1" not in text

    def test_what_the_refusal_says_is_escaped(self, site: Client) -> None:
        text = site.get("/refuse/odd").content.decode()
        assert "&lt;b&gt;Guoyuan&lt;/b&gt; is taken." in text
        assert "<b>Guoyuan" not in text

    def test_who_must_sign_in_is_led_there_and_back(self, site: Client) -> None:
        answer = site.get("/refuse/who?as=of")
        assert answer.status_code == 302
        assert answer["Location"].endswith("?next=/refuse/who%3Fas%3Dof")

    def test_an_unknown_address_and_a_denied_one_say_what_to_do(self, site: Client) -> None:
        assert site.get("/nowhere").status_code == 404
        assert "Go to the overview" in site.get("/nowhere").content.decode()
        assert site.get("/refuse/denied").status_code == 403

    def test_a_form_without_its_token_is_refused_with_a_way_out(self, site: Client, settings: object) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies["bashu_language"] = "en"
        answer = strict.post("/language", {"language": "en"})
        assert answer.status_code == 403
        assert "reload the page" in answer.content.decode()


class TestRequestId:
    def test_a_valid_incoming_id_is_kept(self, site: Client) -> None:
        mine = "0190a000-0000-7000-8000-000000000001"
        assert site.get("/health/live", headers={"X-Request-ID": mine})["X-Request-ID"] == mine

    @pytest.mark.parametrize("bad", ["", "1", "x" * 500, "0190a000\r\nSet-Cookie: a=b"])
    def test_anything_else_is_replaced(self, site: Client, bad: str) -> None:
        given = site.get("/health/live", headers={"X-Request-ID": bad})["X-Request-ID"]
        assert given != bad
        assert UUID(given).version == 7

    def test_one_line_of_the_access_log_bears_it(self, site: Client, caplog: pytest.LogCaptureFixture) -> None:
        from bashu.kernel.web.logs import RequestId

        caplog.handler.addFilter(RequestId())
        with caplog.at_level("INFO", logger="bashu.access"):
            answer = site.get("/health/live?secret=1")
        (line,) = [record for record in caplog.records if record.name == "bashu.access"]
        assert (line.method, line.path, line.status, line.actor) == ("GET", "/health/live", 200, "anonymous")
        assert line.request_id == answer["X-Request-ID"]
