"""From a request to a command: key, version, clock, address."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from bashu.kernel.errors import Malformed
from bashu.kernel.parties.signin import address_of
from bashu.kernel.web.requests import command_of

ask = RequestFactory()


class TestCommandOf:
    def test_the_api_says_key_and_version_in_headers(self) -> None:
        request = ask.post("/api/v1/x", headers={"Idempotency-Key": "k-1", "If-Match": '"7"'})
        command = command_of(request)
        assert (command.key, command.expects) == ("k-1", 7)

    def test_a_page_says_them_in_hidden_fields(self) -> None:
        command = command_of(ask.post("/x", {"_key": "k-2", "_version": "3"}))
        assert (command.key, command.expects) == ("k-2", 3)

    def test_without_either_the_key_is_new_and_no_version_expected(self) -> None:
        first, second = command_of(ask.post("/x")), command_of(ask.post("/x"))
        assert first.key != second.key
        assert first.expects is None

    @pytest.mark.parametrize(("given", "expected"), [("3", 3), ('W/"3"', 3), ("*", None)])
    def test_versions_are_read_as_entity_tags(self, given: str, expected: int | None) -> None:
        assert command_of(ask.post("/x", headers={"If-Match": given})).expects == expected

    @pytest.mark.parametrize("bad", ['"abc"', "-1", '"1", "2"', "9" * 30])
    def test_a_version_that_is_none_is_malformed(self, bad: str) -> None:
        with pytest.raises(Malformed):
            command_of(ask.post("/x", headers={"If-Match": bad}))

    @pytest.mark.parametrize("bad", ["a b", "键", "k" * 201, "a\x00b"])
    def test_a_key_that_is_not_plain_is_malformed(self, bad: str) -> None:
        with pytest.raises(Malformed):
            command_of(ask.post("/x", {"_key": bad}))

    def test_the_demonstration_stands_at_its_instant(self, settings: object) -> None:
        settings.BASHU_DEMO = True  # type: ignore[attr-defined]
        assert command_of(ask.post("/x")).now == datetime(2025, 11, 30, 2, tzinfo=UTC)


class TestAddressOf:
    def test_without_trusted_proxies_nobody_can_claim_another_address(self) -> None:
        assert address_of(ask.get("/", headers={"X-Forwarded-For": "203.0.113.9"})) == "127.0.0.1"

    def test_behind_one_proxy_its_word_counts_and_the_senders_does_not(self, settings: object) -> None:
        settings.BASHU_PROXIES = 1  # type: ignore[attr-defined]
        assert address_of(ask.get("/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})) == "198.51.100.7"
