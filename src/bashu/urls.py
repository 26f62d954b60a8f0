"""Every address of the node: the pages of each system, and the API under /api/v1."""

from django.urls import include, path

from bashu.kernel.jobs.api import router as jobs
from bashu.kernel.journal.api import router as journal
from bashu.kernel.parties.api import router as parties
from bashu.kernel.places.api import router as places
from bashu.kernel.web.api import make_api
from bashu.logistics.api import router as logistics
from bashu.policy.api import router as policy
from bashu.power.api import router as power
from bashu.programme.api import router as programme

api = make_api()
api.add_router("/programme", programme)
api.add_router("/logistics", logistics)
api.add_router("/policy", policy)
api.add_router("/power", power)
api.add_router("/places", places)
api.add_router("/parties", parties)
api.add_router("/journal", journal)
api.add_router("/jobs", jobs)

urlpatterns = [
    path("", include("bashu.programme.urls")),
    path("logistics/", include("bashu.logistics.urls")),
    path("policy/", include("bashu.policy.urls")),
    path("power/", include("bashu.power.urls")),
    path("", include("bashu.kernel.web.urls")),
    path("", include("bashu.kernel.parties.urls")),
    path("journal/", include("bashu.kernel.journal.urls")),
    path("jobs/", include("bashu.kernel.jobs.urls")),
    path("api/v1/", api.urls),
]

handler400 = "bashu.kernel.web.refusals.bad_request"
handler403 = "bashu.kernel.web.refusals.forbidden"
handler404 = "bashu.kernel.web.refusals.not_found"
handler500 = "bashu.kernel.web.refusals.server_error"
