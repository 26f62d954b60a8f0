"""What every page's shell shows."""

from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from bashu import __version__
from bashu.kernel.commands.actor import ActorKind, Grant
from bashu.kernel.journal import selectors as journal
from bashu.kernel.web import logs, navigation
from bashu.kernel.web.requests import actor_of

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "bashu_theme"


class JournalState(NamedTuple):
    """Entries in the signed tree, and entries that wait for the sealer."""

    sealed: int
    unsealed: int


def journal_state() -> JournalState | None:
    """The journal's size and tail; None when the database is away, so that an error page still has its footer."""
    try:
        return JournalState(journal.tree_size(), journal.unsealed_count())
    except DatabaseError:
        return None


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of `base.html`: navigation, who is signed in, theme, node, journal, demonstration.

    The journal is asked only when a template shows it.
    """
    actor = actor_of(request)
    signed_in = actor.kind is not ActorKind.ANONYMOUS
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    grant: Grant | None = actor.grants[0] if actor.grants else None
    return {
        "shell": {
            "navigation": navigation.links(request, signed_in=signed_in),
            "signed_in": signed_in,
            "grant": grant,
            "theme": theme if theme in THEMES else "auto",
            "languages": settings.LANGUAGES,
            "node": settings.BASHU_NODE,
            "version": __version__,
            "journal": SimpleLazyObject(journal_state),
            "demo": settings.DEMO_INSTANT if settings.BASHU_DEMO else None,
            "request_id": logs.request_id.get(),
        }
    }
