"""The system under /api/v1/policy."""

from ninja import Router

router = Router(tags=["policy"])
