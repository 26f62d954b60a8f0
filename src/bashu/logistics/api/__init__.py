"""The system under /api/v1/logistics."""

from ninja import Router

from bashu.logistics.api.booking import router as booking
from bashu.logistics.api.network import router as network
from bashu.logistics.api.tracking import router as tracking

router = Router(tags=["logistics"])
for part in (network, booking, tracking):
    router.add_router("", part)
