"""What the scoreboard's pages ask people: fields and their limits; every rule is the services'."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from bashu.programme.errors import RosterWrong
from bashu.programme.formats import roster
from bashu.programme.formats.evidence import LIMIT, File
from bashu.programme.models import PlanItemState, Target, Task, TaskState
from bashu.programme.wording import JURISDICTIONS

TEXT_LIMIT = 2_000
FILES_LIMIT = 10
ACCEPTED = ".pdf,.png,.jpg,.jpeg,.xlsx,.csv"


class Day(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def words(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A field for some sentences."""
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, widget=area, max_length=TEXT_LIMIT, required=required, help_text=help_text)


class ManyFiles(forms.ClearableFileInput):
    """A file chooser for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files as the services take them. Their kind is checked by the service, by their bytes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=ManyFiles(attrs={"accept": ACCEPTED}), **options)

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        """Each uploaded file in turn."""
        parts: list[UploadedFile] = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if len(parts) > FILES_LIMIT:
            raise forms.ValidationError(_("At most ten files at once."))
        return [taken(super(FilesField, self).clean(part, initial)) for part in parts]


def taken(part: UploadedFile) -> File:
    """An uploaded part as a file, refused before it is read when it is too large."""
    if (part.size or 0) > LIMIT:
        raise forms.ValidationError(_("A file is larger than 10 MB."))
    return File(part.name or "", part.read())


class ReportForm(forms.Form):
    """A figure for one target: its fields depend on the target, its jurisdictions on who asks."""

    jurisdiction = forms.ChoiceField(label=_("For which side"))
    period_start = forms.DateField(label=_("Period from"), widget=Day())
    period_end = forms.DateField(label=_("Period to"), widget=Day(), help_text=_("The last day the figure speaks of."))
    value = forms.DecimalField(label=_("Value"), max_digits=30, decimal_places=6, min_value=Decimal(0), required=False)
    achieved = forms.TypedChoiceField(
        label=_("Is it achieved?"), choices=[("", "—"), ("yes", _("Yes")), ("no", _("No"))], required=False,
        coerce=lambda word: word == "yes", empty_value=None,
    )  # fmt: skip
    coverage = forms.ChoiceField(
        label=_("Coverage"), choices=[("whole", _("Whole")), ("partial", _("Partial"))],
        help_text=_("A partial figure is shown and never judges the target."),
    )  # fmt: skip
    share = forms.DecimalField(
        label=_("Share covered"), max_digits=7, decimal_places=6, required=False,
        help_text=_("Between 0 and 1, for a partial figure whose share is known."),
    )  # fmt: skip
    roster = forms.FileField(
        label=_("Roster of enterprises"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
        help_text=_("A text or CSV file with one unified social credit code a line. An enterprise on both sides' rosters counts once."),
    )  # fmt: skip
    evidence = FilesField(
        label=_("Evidence"), required=False, help_text=_("PDF, PNG, JPEG, XLSX or UTF-8 CSV, at most 10 MB each.")
    )
    note = words(_("Remark"), required=False)

    def __init__(self, *args: Any, target: Target, jurisdictions: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["jurisdiction"].choices = [(code, JURISDICTIONS[code]) for code in jurisdictions]  # type: ignore[attr-defined]
        if target.kind == "qualitative":
            unused = ["value", "roster"]
            self.fields["achieved"].required = True
        else:
            unused = ["achieved"] if target.counts_enterprises else ["achieved", "roster"]
            self.fields["value"].required = not target.counts_enterprises
            self.fields["value"].help_text = value_help(target)
        for name in unused:
            del self.fields[name]

    def clean_roster(self) -> list[str]:
        """The roster's lines; what is wrong with one code is the service's to say."""
        part = self.cleaned_data["roster"]
        try:
            return roster.read(taken(part).content) if part else []
        except RosterWrong as error:
            raise forms.ValidationError(str(error)) from error


def value_help(target: Target) -> Any:
    """Which number belongs into the field."""
    if target.kind == "growth":
        return _(
            "The volume itself, not its growth: the rate is computed from the volumes. Name its unit in the remark."
        )
    if target.counts_enterprises:
        return _("May stay empty when a roster is attached: then it is the number of enterprises on it.")
    return _("A plain number in {unit}, without separators.").format(unit=target.unit_name)


class NothingAsked(forms.Form):
    """An act that needs no words."""


class ReasonForm(forms.Form):
    """Why."""

    reason = words(_("Reason"), help_text=_("Goes into the journal."))


class ImportForm(forms.Form):
    """A file of readings."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        help_text=_("UTF-8, at most 5 MB and 10,000 rows."),
    )

    def clean_file(self) -> File:
        """The file as the service takes it."""
        return taken(self.cleaned_data["file"])


class StateForm(forms.Form):
    """Where a task stands."""

    state = forms.TypedChoiceField(label=_("State"), coerce=TaskState)
    note = words(_("What happened"), help_text=_("Everybody can read it."))

    def __init__(self, *args: Any, task: Task, **options: Any) -> None:
        super().__init__(*args, **options)
        reachable = [choice for choice in TaskState.choices if choice[0] not in (TaskState.UNKNOWN, task.state)]
        self.fields["state"].choices = reachable  # type: ignore[attr-defined]


class MilestoneForm(forms.Form):
    """A dated step."""

    name = forms.CharField(label=_("Milestone"), max_length=200)
    due = forms.DateField(label=_("Due"), widget=Day())


class MetForm(forms.Form):
    """When a milestone was met."""

    met_on = forms.DateField(label=_("Met on"), widget=Day())


class BlockerForm(forms.Form):
    """What stands in the way."""

    description = words(_("What stands in the way"), help_text=_("Everybody can read it."))


class ResolutionForm(forms.Form):
    """How it was resolved."""

    resolution = words(_("How it was resolved"), help_text=_("Everybody can read it."))


class InvestmentForm(forms.Form):
    """A project's total investment."""

    yuan = forms.DecimalField(
        label=_("Total investment in yuan"), max_digits=15, decimal_places=2, min_value=Decimal("0.01")
    )
    source = words(_("The paper it is taken from"))

    def fen(self) -> int:
        """The amount in whole fen; the field admits two decimals, so nothing is rounded."""
        return int(self.cleaned_data["yuan"] * 100)


class PlanOpenForm(forms.Form):
    """The year of a new plan."""

    year = forms.IntegerField(label=_("Year"), min_value=2021, max_value=2100)


class PlanItemForm(forms.Form):
    """A task for a year's plan."""

    task = forms.ModelChoiceField(label=_("Task or project"), queryset=Task.objects.none(), to_field_name="code")
    goal = words(_("What the year should bring"), required=False)

    def __init__(self, *args: Any, tasks: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["task"].queryset = tasks  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    """How an item of a plan ended."""

    state = forms.TypedChoiceField(
        label=_("How it ended"), coerce=PlanItemState,
        choices=[choice for choice in PlanItemState.choices if choice[0] != PlanItemState.OPEN],
    )  # fmt: skip
    reason = words(_("Reason"), required=False, help_text=_("Needed for what is carried or dropped."))


class CloseForm(forms.Form):
    """A year's summary."""

    summary = words(_("Summary of the year"))
