"""The places a visitor can go from any page. Each system registers its own in its app's `ready()`.

The first row shows every system by its first place; the second row the places of the system one is in.
"""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.functional import Promise


class Place(NamedTuple):
    """One place: label, name of its url (`system:page`), order, whether it needs a sign-in, its system's name if it is the first."""

    label: str | Promise
    url_name: str
    order: int
    signed_in: bool
    system: str | Promise


class Link(NamedTuple):
    """A place as one request sees it."""

    label: str
    url: str
    current: bool


class Navigation(NamedTuple):
    """The systems, and the places of the system that the request is in (none when it has only one)."""

    systems: list[Link]
    places: list[Link]


REGISTERED: dict[str, Place] = {}


def register(
    label: str | Promise, url_name: str, *, order: int, signed_in: bool = False, system: str | Promise = ""
) -> None:
    """Put a place into the navigation; registering a url name again replaces it.

    system: what the whole system is called, given with its first place when that is called otherwise.
    """
    REGISTERED[url_name] = Place(label, url_name, order, signed_in, system)


def links(request: HttpRequest, *, signed_in: bool) -> Navigation:
    """The navigation for one request, in order."""
    served: dict[str, list[tuple[Place, str]]] = {}
    for place in sorted(REGISTERED.values(), key=lambda place: (place.order, place.url_name)):
        if place.signed_in and not signed_in:
            continue
        try:
            url = reverse(place.url_name)
        except NoReverseMatch:  # a page this node does not serve
            continue
        served.setdefault(place.url_name.partition(":")[0], []).append((place, url))
    here = namespace_of(request)
    systems = [Link(str(first.system or first.label), url, name == here) for name, ((first, url), *_) in served.items()]
    inside = served.get(here, [])
    roots = {url for _, url in inside if any(other != url and other.startswith(url) for _, other in inside)}
    under = [url for _, url in inside if request.path == url or (url not in roots and request.path.startswith(url))]
    current = max(under, key=len, default=None)
    places = [Link(str(place.label), url, url == current) for place, url in inside]
    return Navigation(systems, places if len(places) > 1 else [])


def namespace_of(request: HttpRequest) -> str:
    """The system whose page was asked for; empty for an address that nobody serves."""
    try:
        return resolve(request.path_info).namespace
    except Resolver404:
        return ""
