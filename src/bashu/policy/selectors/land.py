"""The land quota: accounts, what moved, what is held."""

from django.db.models import QuerySet

from bashu.policy.models import LandAccount, LandEntry, LandReservation

HECTARE = 10_000  # m²


def account_list(*, area: str | None = None, year: int | None = None) -> QuerySet[LandAccount]:
    """Accounts by area, year and side."""
    found = LandAccount.objects.order_by("area", "-year", "side")
    if area is not None:
        found = found.filter(area=area)
    return found if year is None else found.filter(year=year)


def entry_list() -> QuerySet[LandEntry]:
    """The ledger, newest first."""
    return LandEntry.objects.select_related("account", "reservation", "organisation", "delegation").order_by("-pk")


def reservation_list(account: LandAccount | None = None) -> QuerySet[LandReservation]:
    """Reservations, newest first."""
    found = LandReservation.objects.select_related("account").order_by("-pk")
    return found if account is None else found.filter(account=account)
