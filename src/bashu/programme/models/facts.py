"""What the documents say, each with its words: loaded from the cited facts, changed only by a new version of them."""

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.models import Record


class Source(models.Model):
    """Where facts were read."""

    code = models.CharField(max_length=40, primary_key=True)
    publisher = models.CharField(max_length=100)
    publisher_en = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    published = models.DateField()
    note = models.TextField(blank=True)
    note_en = models.TextField(blank=True)


class Fact(Record):
    """A statement with its words: what it is called in both languages, the quote, the source, and how sure we are."""

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    quote = models.TextField()
    also = models.JSONField(default=list)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=FactStatus.choices)
    valid_from = models.DateField()
    note = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language being spoken."""
        return self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en

    @property
    def remark(self) -> str:
        """The note in the language being spoken."""
        return self.note if (get_language() or "zh").startswith("zh") else self.note_en


class Body(Fact):
    """An authority, joint body, company or place that the documents name, and the posts that spoke for it (never persons)."""

    side = models.CharField(max_length=10)
    kind = models.CharField(max_length=30)
    posts = models.JSONField(default=list)


class Document(Fact):
    """A document before the meeting, or one related to it."""

    role = models.CharField(max_length=20)
    systems = models.JSONField(default=list)
    owners = models.ManyToManyField(Body, related_name="documents")


class Statement(Fact):
    """Something the page states that is neither a target nor a task: the meeting, a named part of a count."""

    group = models.CharField(max_length=30)
    value = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    unit_en = models.CharField(max_length=40, blank=True)


class Target(Fact):
    """A promise that can be judged; `value` is exact text in `unit`, empty for a qualitative one."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="targets")
    systems = models.JSONField(default=list)
    kind = models.CharField(max_length=12)
    measure = models.CharField(max_length=8)
    operator = models.CharField(max_length=4)
    operator_words = models.CharField(max_length=60, blank=True)
    operator_basis = models.CharField(max_length=10, blank=True)
    value = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    unit = models.CharField(max_length=20, blank=True)
    unit_en = models.CharField(max_length=40, blank=True)
    start = models.DateField(null=True)
    deadline = models.DateField(null=True)
    deadline_words = models.CharField(max_length=60, blank=True)
    deadline_basis = models.CharField(max_length=10, blank=True)
    counts_enterprises = models.BooleanField(default=False)
    owners = models.ManyToManyField(Body, related_name="targets")

    @property
    def unit_name(self) -> str:
        """The unit in the language being spoken."""
        return self.unit if (get_language() or "zh").startswith("zh") else self.unit_en


class Count(Fact):
    """A number the page states about its own lists, and how many of those children we hold."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="counts")
    basis = models.CharField(max_length=10)
    stated = models.PositiveIntegerField(null=True)
    unit = models.CharField(max_length=20, blank=True)
    unit_en = models.CharField(max_length=40, blank=True)
    children = models.JSONField(default=list)


class Unknown(Fact):
    """What the page does not say, kept visible."""

    about = models.JSONField(default=list)
    missing = models.PositiveIntegerField(null=True)


class Task(Fact):
    """A task, area, action, commitment or major project of both sides; its state lives in `work`."""

    class Kind(models.TextChoices):
        TASK = "task", _("Task")
        PROJECT = "project", _("Major project")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    group = models.CharField(max_length=30)
    number = models.PositiveIntegerField(null=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="tasks")
    systems = models.JSONField(default=list)
    owners = models.ManyToManyField(Body, related_name="tasks")
    said_by = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default="unknown")
    investment_fen = models.BigIntegerField(null=True)
    investment_source = models.TextField(blank=True)

    def get_absolute_url(self) -> str:
        """The address of the task's page."""
        return reverse("programme:task", args=[self.code])
