"""The sign-in audit, and what the lock-out is told: neither keeps an address in clear or a whole network address."""

import re
from ipaddress import ip_address, ip_network
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.signals import authentication_failed
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from bashu.kernel.parties import services
from bashu.kernel.parties.models import Outcome, Person

FAMILIES = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
KEPT_BITS = {4: 24, 6: 48}


def listen() -> None:
    """Connect the audit to Django's and allauth's signals."""
    user_logged_in.connect(entered, dispatch_uid="bashu.parties.entered")
    user_logged_out.connect(left, dispatch_uid="bashu.parties.left")
    user_login_failed.connect(refused, dispatch_uid="bashu.parties.refused")
    authentication_failed.connect(second_factor_refused, dispatch_uid="bashu.parties.second_factor_refused")


def entered(request: HttpRequest, user: Person, **_: Any) -> None:
    """Somebody is signed in, all factors passed."""
    note(request, user, Outcome.ENTERED, methods_of(request))


def left(request: HttpRequest, user: Person | None, **_: Any) -> None:
    """Somebody signed out."""
    if user is not None:
        note(request, user, Outcome.LEFT, "")


def refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """A password was wrong, an address unknown, or the lock-out refused to look. Whether the address exists is not said."""
    if request is None:
        return
    locked = not AxesProxyHandler.is_allowed(request, credentials)
    address = str(credentials.get("email") or "").strip().lower()
    person = Person.objects.filter(email=address).first() if address else None
    note(request, person, Outcome.LOCKED if locked else Outcome.REFUSED, "password")


def second_factor_refused(request: HttpRequest, user: Person, **_: Any) -> None:
    """A one-time code was wrong."""
    note(request, user, Outcome.REFUSED, "mfa")


def note(request: HttpRequest, person: Person | None, outcome: Outcome, method: str) -> None:
    """One row of the audit from a request."""
    services.sign_in_note(
        person=person.public_id if person else None,
        outcome=outcome,
        method=method,
        network=network_of(address_of(request)),
        agent=family_of(request.headers.get("User-Agent", "")),
    )


def methods_of(request: HttpRequest) -> str:
    """How the session was authenticated: `password`, `password+totp`, `password+recovery_codes`."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    return "+".join(str(record.get("type") or record.get("method")) for record in records) or "password"


def address_of(request: HttpRequest) -> str:
    """The sender's network address: what the outermost trusted proxy saw, or the peer itself when no proxy is trusted."""
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.BASHU_PROXIES and forwarded:
        return str(forwarded[-min(settings.BASHU_PROXIES, len(forwarded))])
    return str(request.META.get("REMOTE_ADDR", ""))


def network_of(address: str) -> str:
    """An address cut to its /24 (IPv4) or /48 (IPv6) network; empty when it is none.

    >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::3"), network_of("unix:")
    ('203.0.113.0/24', '2001:db8:1::/48', '')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{found}/{KEPT_BITS[found.version]}", strict=False))


def family_of(agent: str) -> str:
    """The family of a program: Edge, Opera, Firefox, Chrome, Safari, curl, or other.

    >>> family_of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox'
    """
    return next((family for sign, family in FAMILIES if re.search(rf"\b{sign}", agent)), "other")


def lockout_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name under which the lock-out counts failures: a keyed digest of the address, so that no table or log has it."""
    written = (credentials or {}).get("email") or request.POST.get("login") or ""
    return str(salted_hmac("bashu.parties.lockout", str(written).strip().lower(), algorithm="sha256").hexdigest()[:32])
