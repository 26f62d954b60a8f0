"""The system under /api/v1/policy."""

from ninja import Router

from bashu.policy.api.operations import router as operations
from bashu.policy.api.rules import router as rules

router = Router(tags=["policy"])
for part in (rules, operations):
    router.add_router("", part)
