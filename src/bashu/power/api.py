"""The system under /api/v1/power."""

from ninja import Router

router = Router(tags=["power"])
