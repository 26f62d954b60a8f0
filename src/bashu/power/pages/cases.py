"""Asking for a new case, and making one public."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bashu.kernel.errors import BashuError, NotFound, SignInNeeded
from bashu.kernel.web.acting import must, sent
from bashu.kernel.web.pages import submit
from bashu.kernel.web.requests import command_of, seen
from bashu.power.forms import CaseForm
from bashu.power.models import Case
from bashu.power.services import dispatch as services


def case_new(request: HttpRequest) -> HttpResponse:
    """Pose a question to the model: everything is computed by a worker, the page leads to the case."""
    must(request, "power.case.start")
    form = CaseForm(sent(request)[0])
    return submit(
        request, form, "power/case_new.html", {},
        act=lambda ctx, _data: services.case_start(ctx=ctx, case=form.case()),
        to=lambda case: case.get_absolute_url(),
        done=_("The case was made. Its dispatches and the division are under way; this page follows them."),
    )  # fmt: skip


@require_POST
def case_publish(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Make a case public, or say why not."""
    case = seen(request, Case, public_id=public_id)
    try:
        services.case_publish(ctx=command_of(request), case=case)
        messages.success(request, _("Everybody can read this case now."))
    except (SignInNeeded, NotFound):
        raise
    except BashuError as error:
        if error.status != 409:
            raise
        messages.warning(request, str(error))
    return redirect(case.get_absolute_url())
