"""The system under /api/v1/policy."""

from ninja import Router

from bashu.policy.rules_api import router as rules

router = Router(tags=["policy"])
router.add_router("", rules)
