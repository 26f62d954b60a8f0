"""Every address of the node: the pages of each system, and the API under /api/v1."""

from django.urls import include, path

from bashu.kernel.web.api import api

urlpatterns = [
    path("", include("bashu.programme.urls")),
    path("", include("bashu.kernel.web.urls")),
    path("", include("bashu.kernel.parties.urls")),
    path("journal/", include("bashu.kernel.journal.urls")),
    path("jobs/", include("bashu.kernel.jobs.urls")),
    path("api/v1/", api.urls),
]
