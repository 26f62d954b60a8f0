"""Pages on which one thing is done: who may, the form, the refusal beside it, and where one goes afterwards."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.command import DECLARED, Command, permit
from bashu.kernel.errors import BashuError
from bashu.kernel.web.pages import submit
from bashu.kernel.web.requests import actor_of

Words = str | Promise


PLACES: dict[str, Words] = {
    "certificates": _("Certificates"),
    "matching": _("My matching score"),
    "settlements": _("Settlements"),
}


class Act(NamedTuple):
    """How an act is presented: what it is, what it is about and will do, the word on its button, where one goes back to."""

    title: Words
    button: Words
    about: Words
    back: str
    explain: Words = ""
    confirm: Words = ""
    danger: bool = False
    version: int | None = None

    @property
    def over(self) -> str:
        """What the page is called that one goes back to."""
        return str(next((name for place, name in PLACES.items() if f"/{place}/" in self.back), _("Power")))


def may(request: HttpRequest, command: str, **arguments: Any) -> bool:
    """Whether the viewer holds a role by which he may call a command, so that a page offers it."""
    try:
        permit(actor_of(request), DECLARED[command], arguments)
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
    request: HttpRequest, form: Form, act: Act, *, run: Callable[[Command, dict[str, Any]], Any], done: Words
) -> HttpResponse:
    """Answer the page of one act; afterwards one is back where it came from."""
    return submit(request, form, "power/act.html", {"act": act}, act=run, to=lambda _: act.back, done=done)
