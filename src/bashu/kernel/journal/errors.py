"""What the journal refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class NotSealed(BashuError):
    """A proof leads to a root, and this entry is under none yet."""

    code, status = "journal.not_sealed", 409
    message = _("The entry is not sealed yet. Ask again in two seconds.")
