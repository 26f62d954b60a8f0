"""Places, ways and the network."""

from ninja import Router

router = Router(tags=["logistics"])
