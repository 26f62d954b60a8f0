"""A form page: shown, refused beside the form, done once and redirected."""

from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Forbidden, KeyReused, SignInNeeded
from bashu.kernel.web.pages import submit

TEMPLATE = "web/form_faults.html"


class Form(forms.Form):
    weight = forms.IntegerField()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the template is given, without rendering a whole page."""
    seen: dict[str, Any] = {}

    def render(_request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
        seen.update(context, template=template)
        return HttpResponse(status=status)

    monkeypatch.setattr("bashu.kernel.web.pages.render", render)
    return seen


def answer(data: dict[str, str] | None, act: Any) -> HttpResponse:
    request = RequestFactory().get("/form") if data is None else RequestFactory().post("/form", data)
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    form = Form(request.POST if request.method == "POST" else None)
    return submit(
        request,
        form,
        TEMPLATE,
        {"a": 1},
        act=act,
        to=lambda result: f"/done/{'/'.join(map(str, result))}",
        done="Reported.",
    )


def refuse_with(error: Exception) -> Any:
    def act(_command: Command, _data: dict[str, Any]) -> None:
        raise error

    return act


class TestSubmit:
    def test_get_shows_the_form_with_a_new_key(self, shown: dict[str, Any]) -> None:
        assert answer(None, refuse_with(AssertionError())).status_code == 200
        assert len(shown["form_key"]) == 36
        assert shown["a"] == 1

    def test_unreadable_input_never_reaches_the_command(self, shown: dict[str, Any]) -> None:
        assert answer({"weight": "heavy", "_key": "k-1"}, refuse_with(AssertionError())).status_code == 422
        assert "weight" in shown["form"].errors
        assert shown["form_key"] == "k-1"

    def test_a_refusal_stands_at_the_form_with_its_status(self, shown: dict[str, Any]) -> None:
        assert answer({"weight": "1", "_key": "k-1"}, refuse_with(Forbidden(needed="authority"))).status_code == 403
        assert "authority" in shown["form"].non_field_errors()[0]
        assert shown["form_key"] == "k-1"

    def test_a_spent_key_is_replaced(self, shown: dict[str, Any]) -> None:
        assert answer({"weight": "1", "_key": "k-1"}, refuse_with(KeyReused())).status_code == 409
        assert shown["form_key"] != "k-1"

    def test_who_must_sign_in_is_told_by_the_shell(self) -> None:
        with pytest.raises(SignInNeeded):
            answer({"weight": "1"}, refuse_with(SignInNeeded()))

    def test_success_redirects_so_that_reloading_does_not_repeat(self) -> None:
        done = answer(
            {"weight": "7", "_key": "k-1", "_version": "2"}, lambda ctx, data: (ctx.key, ctx.expects, data["weight"])
        )
        assert (done.status_code, done["Location"]) == (303, "/done/k-1/2/7")
