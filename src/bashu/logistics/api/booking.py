"""Quotes, bookings and clearance."""

from ninja import Router

router = Router(tags=["logistics"])
