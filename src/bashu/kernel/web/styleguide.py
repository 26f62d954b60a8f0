"""The gallery of components: what each looks like, in the theme and language of the visitor."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def gallery(request: HttpRequest) -> HttpResponse:
    """GET /styleguide."""
    return render(request, "web/styleguide.html", {})
