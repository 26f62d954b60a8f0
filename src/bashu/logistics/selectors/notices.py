"""Reading what organisations were told."""

from django.db.models import QuerySet

from bashu.kernel.commands.actor import Actor, Role
from bashu.logistics.models import Notification

READERS = frozenset(Role)


def notice_list(actor: Actor) -> QuerySet[Notification]:
    """What the actor's organisations were told, newest first."""
    mine = Notification.objects.filter(organisation__public_id__in=actor.organisations())
    return mine.select_related("consignment", "organisation").order_by("-made_at", "-pk")


def unread_count(actor: Actor) -> int:
    """How much of it nobody has read yet."""
    return Notification.objects.filter(organisation__public_id__in=actor.organisations(), read_at__isnull=True).count()
