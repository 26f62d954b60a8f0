"""How a page with a form is answered: shown, refused beside the form, or done and redirected."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from uuid_utils.compat import uuid7

from bashu.kernel.commands.command import Command
from bashu.kernel.errors import BashuError, KeyReused, SignInNeeded
from bashu.kernel.web.requests import KEY, KEY_FIELD, command_of

SEE_OTHER = 303


def submit(
    request: HttpRequest,
    form: Form,
    template: str,
    context: Mapping[str, Any],
    *,
    act: Callable[[Command, dict[str, Any]], Any],
    to: Callable[[Any], str],
    done: str | Promise,
) -> HttpResponse:
    """Answer one form page.

    GET shows the form. POST with input that cannot be read shows it again with each fault beside its field (422).
    Otherwise `act(command, cleaned data)` runs; a refusal is shown above the form with the refusal's own status, and a
    success says `done` and redirects (303) to `to(result)`, so that reloading does not repeat it.
    The template finds `form` and `form_key`, the one-time key that `{% command_fields %}` writes.
    """
    if request.method != "POST":
        return show(request, form, template, context, status=200)
    if not form.is_valid():
        return show(request, form, template, context, status=422)
    try:
        result = act(command_of(request), form.cleaned_data)
    except SignInNeeded:
        raise
    except BashuError as error:
        form.add_error(None, str(error))
        return show(request, form, template, context, status=error.status, renew=isinstance(error, KeyReused))
    messages.success(request, str(done))
    response = HttpResponseRedirect(to(result))
    response.status_code = SEE_OTHER
    return response


def show(
    request: HttpRequest, form: Form, template: str, context: Mapping[str, Any], *, status: int, renew: bool = False
) -> HttpResponse:
    """Render the form's page. The key stays the same until the act succeeds, so that a repeated click is one act."""
    sent = request.POST.get(KEY_FIELD, "")
    key = sent if KEY.fullmatch(sent) and not renew else str(uuid7())
    return render(request, template, {**context, "form": form, "form_key": key}, status=status)
