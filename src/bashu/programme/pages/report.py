"""The annual report, to print or as a spreadsheet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bashu.kernel.errors import NotFound
from bashu.kernel.web import clock
from bashu.programme import selectors
from bashu.programme.formats import report_xlsx
from bashu.programme.models import Task
from bashu.programme.pages.overview import shares, tiles

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_YEAR = 2021  # the documents were adopted in December 2021


def report(request: HttpRequest, year: int) -> HttpResponse:
    """The scoreboard of one year; `?as=xlsx` gives it as a spreadsheet."""
    this_year = clock.today().year
    if not FIRST_YEAR <= year <= this_year:
        raise NotFound
    found = selectors.annual_report(year=year, today=clock.today())
    if request.GET.get("as") == "xlsx":
        response = HttpResponse(report_xlsx.write(found), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="bashu-{year}.xlsx"'
        return response
    return render(
        request,
        "programme/report.html",
        {
            "report": found,
            "shares": shares(found.scored),
            "tiles": tiles(found.scored),
            "tasks": [task for task in found.tasks if task.kind == Task.Kind.TASK],
            "projects": [task for task in found.tasks if task.kind == Task.Kind.PROJECT],
            "years": range(FIRST_YEAR, this_year + 1),
        },
    )
