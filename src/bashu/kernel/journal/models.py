"""What was done, by whom, and the signed tree that proves it.

An entry's header is stored once, as the canonical text that is hashed; the columns that searches need are generated from it
by the database, so they cannot say anything else. Everything but the outbox and the erasure of bodies is insert-only.
"""

import pgtrigger
from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse


def refuse(name: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    """A trigger by which the database refuses whole statements, even of the tables' owner."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=operation,
        func="RAISE EXCEPTION 'the journal is insert-only: % of % is refused', TG_OP, TG_TABLE_NAME;",
    )


INSERT_ONLY = [refuse("insert_only", pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate)]


def of_header(key: str, output_field: models.Field) -> models.GeneratedField:
    """A column that the database itself reads out of the header."""
    value = KeyTextTransform(key, Cast("header", models.JSONField()))
    expression = value if isinstance(output_field, models.TextField) else Cast(value, output_field)
    return models.GeneratedField(expression=expression, output_field=output_field, db_persist=True)


class Entry(models.Model):
    """The header of one write: kind, subject, actor, organisation, request, time, and its body's salted digest."""

    id = models.UUIDField(primary_key=True)
    header = models.TextField()
    kind = of_header("kind", models.TextField())
    subject = of_header("subject", models.TextField())
    actor = of_header("actor", models.TextField())
    organisation = of_header("organisation", models.UUIDField())
    organisation_name = of_header("organisation_name", models.TextField())
    jurisdiction = of_header("jurisdiction", models.TextField())
    time = of_header("time", models.TextField())
    public = of_header("public", models.BooleanField())

    class Meta:
        triggers = INSERT_ONLY
        indexes = [
            models.Index(fields=["subject", "id"], name="entry_subject"),
            models.Index(fields=["kind", "id"], name="entry_kind"),
        ]

    def get_absolute_url(self) -> str:
        """The entry's page."""
        return reverse("journal:entry", args=[self.id])


class Body(models.Model):
    """Before and after of one write, canonical JSON. Salt and content are emptied together when it is erased."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)
    salt = models.BinaryField(null=True)
    content = models.TextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(salt__isnull=True, content__isnull=True)
                | models.Q(salt__isnull=False, content__isnull=False),
                name="body_whole_or_erased",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="only_erase",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF NEW.entry_id = OLD.entry_id AND NEW.salt IS NULL AND NEW.content IS NULL THEN RETURN NEW; END IF;
                    RAISE EXCEPTION 'pgtrigger: a journal body can only be erased, not rewritten';
                    """,
            ),
            refuse("keep", pgtrigger.Delete | pgtrigger.Truncate),
        ]


class Unsealed(models.Model):
    """The outbox: one row per entry, written with it, deleted by the sealer."""

    entry_id = models.UUIDField(primary_key=True)


class Leaf(models.Model):
    """The place of a sealed entry in the Merkle tree."""

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT)
    hash = models.BinaryField()

    class Meta:
        triggers = INSERT_ONLY


class Node(models.Model):
    """A complete subtree's hash, level 1 and up (RFC 9162 §2.1); level 0 are the leaves."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        triggers = INSERT_ONLY


class Key(models.Model):
    """A public key that signs checkpoints; each but the first is endorsed by the one before it.

    `origin` names the node whose journal this is: fixed with the first key, the same ever after.
    """

    id = models.TextField(primary_key=True)
    origin = models.TextField()
    algorithm = models.TextField()
    public = models.BinaryField()
    endorsed_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True)
    endorsement = models.BinaryField(null=True)
    size = models.BigIntegerField()
    time = models.TextField()

    class Meta:
        triggers = INSERT_ONLY


class Checkpoint(models.Model):
    """A signed statement: at this size the tree had this root."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    key = models.ForeignKey(Key, on_delete=models.PROTECT)
    time = models.TextField()
    signature = models.BinaryField()

    class Meta:
        triggers = INSERT_ONLY
