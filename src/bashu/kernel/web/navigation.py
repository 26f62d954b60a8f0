"""The places a visitor can go from any page. Each system registers its own in its app's `ready()`."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise


class Place(NamedTuple):
    """One entry of the navigation: label, name of its url, order among the others, and whether it needs a sign-in."""

    label: str | Promise
    url_name: str
    order: int
    signed_in: bool = False


class Link(NamedTuple):
    """A place as one request sees it."""

    label: str
    url: str
    current: bool


REGISTERED: dict[str, Place] = {}


def register(label: str | Promise, url_name: str, *, order: int, signed_in: bool = False) -> None:
    """Put a place into the navigation; registering a url name again replaces it."""
    REGISTERED[url_name] = Place(label, url_name, order, signed_in)


def links(request: HttpRequest, *, signed_in: bool) -> list[Link]:
    """The navigation for one request, in order; the longest address that the request lies under is the current one."""
    found = []
    for place in sorted(REGISTERED.values(), key=lambda place: (place.order, place.url_name)):
        if place.signed_in and not signed_in:
            continue
        try:
            found.append((str(place.label), reverse(place.url_name)))
        except NoReverseMatch:  # a page this node does not serve
            continue
    under = [url for _, url in found if request.path == url or (url != "/" and request.path.startswith(url))]
    current = max(under, key=len, default=None)
    return [Link(label, url, url == current) for label, url in found]
