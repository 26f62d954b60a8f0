"""The API's frame: pages of a list, the rate limit, the contract."""

from django.test import Client, RequestFactory


class TestPaging:
    def test_first_page_has_no_previous_and_a_next(self, site: Client) -> None:
        page = site.get("/api/v1/numbers?size=50").json()
        assert (page["count"], len(page["items"]), page["previous"]) == (120, 50, None)
        assert page["next"] == "/api/v1/numbers?page=2&size=50"

    def test_following_next_sees_every_item_once(self, site: Client) -> None:
        address, seen = "/api/v1/numbers?size=50", []
        while address:
            page = site.get(address).json()
            seen += page["items"]
            address = page["next"]
        assert seen == list(range(120))

    def test_beyond_the_end_is_empty_and_leads_back(self, site: Client) -> None:
        page = site.get("/api/v1/numbers?page=99&size=50").json()
        assert (page["items"], page["next"], page["previous"]) == ([], None, "/api/v1/numbers?page=3&size=50")

    def test_a_page_that_is_no_number_is_malformed(self, site: Client) -> None:
        for query in ("page=0", "page=x", "size=0", "size=501", "page=-1", "page=1e9"):
            assert site.get(f"/api/v1/numbers?{query}").status_code == 422


class TestRateLimit:
    def test_after_the_limit_comes_429_with_the_time_to_wait(self, site: Client) -> None:
        answers = [site.get("/api/v1/rationed") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 1 <= int(answers[-1]["Retry-After"]) <= 60
        assert answers[-1].json()["type"] == "urn:bashu:error:bashu.too_many"

    def test_callers_are_counted_apart_and_a_new_minute_begins_anew(self) -> None:
        from bashu.kernel.web.api import RateLimit

        clock = [30.0]
        limit = RateLimit(1, lambda: clock[0])
        one, other = (RequestFactory().get("/", REMOTE_ADDR=address) for address in ("192.0.2.1", "192.0.2.2"))
        assert [limit.allow_request(one), limit.allow_request(one), limit.allow_request(other)] == [True, False, True]
        assert limit.wait() == 30.0
        clock[0] = 61.0
        assert limit.allow_request(one)


class TestContract:
    def test_paths_and_components_stand_in_order(self, site: Client) -> None:
        contract = site.get("/api/v1/openapi.json").json()
        assert list(contract["paths"]) == sorted(contract["paths"])
        assert list(contract["components"]["schemas"]) == sorted(contract["components"]["schemas"])

    def test_the_documentation_page_lists_operations_and_refusals(self, site: Client) -> None:
        text = site.get("/api/v1/docs").content.decode()
        assert "bashu.stale" in text
        assert "openapi.json" in text
