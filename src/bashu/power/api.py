"""The system under /api/v1/power."""

from ninja import Router

from bashu.power.api_certificates import router as certificates
from bashu.power.api_settlement import router as settlements

router = Router(tags=["power"])
router.add_router("", certificates)
router.add_router("", settlements)
