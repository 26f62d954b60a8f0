"""The scoreboard's pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bashu.kernel.web import clock
from bashu.programme import selectors


def overview(request: HttpRequest) -> HttpResponse:
    """Everything at a glance."""
    day = selectors.local_day(clock.now())
    return render(request, "programme/overview.html", {"day": day, "scored": selectors.scoreboard(as_of=day)})
