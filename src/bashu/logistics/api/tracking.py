"""Events, notifications and figures."""

from ninja import Router

router = Router(tags=["logistics"])
