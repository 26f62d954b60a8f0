"""Operations in words, in the language being spoken."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STANDINGS: dict[str, str | Promise] = {
    "in_force": _("in force"),
    "not_yet": _("not in force yet"),
    "expired": _("expired"),
    "revoked": _("revoked"),
}
