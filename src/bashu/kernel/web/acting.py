"""Pages on which one thing is done: who may, the form, the refusal beside it, and where one goes afterwards."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from bashu.kernel.commands.command import DECLARED, Command, permit
from bashu.kernel.errors import BashuError
from bashu.kernel.web.pages import submit
from bashu.kernel.web.requests import actor_of

Words = str | Promise


class Act(NamedTuple):
    """How an act is presented: what it is, the word on its button, what it is about, and where one goes back to.

    over: what the page is called that one goes back to, where `about` does not say it. version: the record's row version
    that the form carries.
    """

    title: Words
    button: Words
    about: Words
    back: str
    explain: Words = ""
    confirm: Words = ""
    danger: bool = False
    version: int | None = None
    over: Words = ""


def may(request: HttpRequest, command: str, **arguments: Any) -> bool:
    """Whether the viewer holds a role by which he may call a command, so that a page offers it."""
    try:
        must(request, command, **arguments)
    except BashuError:
        return False
    return True


def must(request: HttpRequest, command: str, **arguments: Any) -> None:
    """Refuse a page whose act the viewer may not do: SignInNeeded (401), Forbidden (403)."""
    permit(actor_of(request), DECLARED[command], arguments)


def sent(request: HttpRequest) -> tuple[Any, Any]:
    """What a form is bound to: the fields and files of a POST, else nothing."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def acted(
    request: HttpRequest,
    form: Form,
    act: Act,
    *,
    run: Callable[[Command, dict[str, Any]], Any],
    done: Words,
    to: Callable[[Any], str] | None = None,
    template: str = "",
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Answer the page of one act; afterwards go `to` its result, or back to what it is about.

    Without a `template` it is the system's own `act.html`, which extends `web/act.html`.
    """
    assert request.resolver_match, "a page has an address"
    template = template or f"{request.resolver_match.namespace}/act.html"
    return submit(
        request, form, template, {"act": act, **(context or {})}, act=run, to=to or (lambda _: act.back), done=done
    )
