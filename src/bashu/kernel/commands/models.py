"""What every record has, and the receipts of commands done."""

from typing import Any

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7


class Record(models.Model):
    """A row with an identity that outlives the database and a version that writers compare."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def revise(self, **changes: Any) -> None:
        """Write changed fields and count the version up; the caller holds the row's lock."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.version += 1
        self.save(update_fields=[*changes, "version"])


class Receipt(models.Model):
    """A command that was done: its idempotency key, the digest of its request, and the answer it gave."""

    pk = models.CompositePrimaryKey("actor", "key")
    actor = models.UUIDField()
    key = models.CharField(max_length=200)
    command = models.CharField(max_length=100)
    request = models.BinaryField()
    answer = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
