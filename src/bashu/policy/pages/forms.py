"""What the pages of operations ask: fields and their limits; every rule is the services'."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bashu.policy import rule_words, wording
from bashu.policy.engine.rules import Fact, Table
from bashu.policy.formats.operations import acts, towns
from bashu.policy.formats.profiles import LARGEST, table_rows

TEXT_LIMIT, FILE_LIMIT = 2_000, 10 * 1024 * 1024
MOST_M2 = 10**12


class Day(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def words(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A field for some sentences."""
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, widget=area, max_length=TEXT_LIMIT, required=required, help_text=help_text)


class NothingAsked(forms.Form):
    """An act that needs no words."""


class ReasonForm(forms.Form):
    """Why."""

    reason = words(_("Reason"), help_text=_("Goes into the journal; the enterprise reads it."))


class WithdrawForm(forms.Form):
    """Why, if one likes."""

    reason = words(_("Reason"), required=False)


class FindingForm(forms.Form):
    """What a review found."""

    finding = words(_("Finding"), help_text=_("What was compared with what. Somebody else decides."))


class OrderForm(forms.Form):
    """Which payment order moved the money."""

    order = forms.CharField(
        label=_("Payment order"), max_length=60, help_text=_("One order pays one application, once.")
    )


class GroundsForm(forms.Form):
    """Why a refusal is wrong."""

    grounds = words(_("Grounds"), help_text=_("Another office than the one that refused decides."))


class FactsForm(forms.Form):
    """Facts to declare, and the paper they are read from: only its digest is kept, the paper stays with the enterprise."""

    as_of = forms.DateField(label=_("As of"), widget=Day(), help_text=_("The day for which these facts hold."))
    paper = forms.FileField(
        label=_("Paper behind them"), required=False,
        help_text=_("Only its SHA-256 digest is kept: keep the file itself, the office may ask for it."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, facts: Iterable[Fact], choices: Mapping[str, Sequence[str]], needed: Iterable[str] = (), **options: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.facts, needed = list(facts), set(needed)
        asked = {fact.id: field_of(fact, choices, required=fact.id in needed) for fact in self.facts}
        self.fields = {**asked, **self.fields}

    def declared(self) -> dict[str, Any]:
        """The values given, as entity files write them."""
        given = {fact.id: self.cleaned_data.get(fact.id) for fact in self.facts}
        return {name: plain(value) for name, value in given.items() if value not in (None, "")}

    def evidence(self) -> dict[str, str]:
        """The paper's digest for each fact given."""
        paper = self.cleaned_data.get("paper")
        if not paper:
            return {}
        digest = sha256(paper.read()).hexdigest()
        return dict.fromkeys(self.declared(), digest)

    def clean_paper(self) -> Any:
        """A file of a size that the node reads."""
        paper = self.cleaned_data["paper"]
        if paper and paper.size > FILE_LIMIT:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return paper


class TableForm(forms.Form):
    """The rows of one table of a profile, from a CSV file; they take the place of the rows that stood."""

    table = forms.ChoiceField(label=_("Table"))
    as_of = forms.DateField(label=_("As of"), widget=Day(), help_text=_("The day for which these rows hold."))
    rows = forms.FileField(
        label=_("Rows (CSV)"),
        help_text=_("First line: the column names. Later lines: one row each; an empty cell is not known."),
    )

    def __init__(self, *args: Any, tables: Mapping[str, Table], **options: Any) -> None:
        super().__init__(*args, **options)
        self.tables = tables
        self.fields["table"].choices = [(name, wording.label(table.label)) for name, table in tables.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The file's rows; its digest is the evidence."""
        told = super().clean() or {}
        file, table = told.get("rows"), self.tables.get(told.get("table", ""))
        if file is None or table is None:
            return told
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        content = file.read()
        try:
            told["rows"] = table_rows(io.StringIO(content.decode("utf-8-sig"), newline=""), table)
        except (UnicodeDecodeError, csv.Error, ValueError) as fault:
            raise forms.ValidationError(_("The file cannot be read: {fault}").format(fault=fault)) from None
        return {**told, "digest": sha256(content).hexdigest()}


class SupplementForm(FactsForm):
    """What was missing."""

    note = words(_("What was added"))


def field_of(fact: Fact, choices: Mapping[str, Sequence[str]], *, required: bool) -> forms.Field:
    """A form field for a fact; its range is checked again by the service. choices: words by the name of their choice."""
    label = wording.fact_label(fact, fact.id)
    if fact.kind == "number" and fact.decimals == 0:
        return forms.IntegerField(label=label, required=required, min_value=int(fact.low), max_value=int(fact.high))
    if fact.kind == "number":
        return forms.DecimalField(label=label, required=required, decimal_places=fact.decimals, min_value=Decimal(0))
    if fact.kind == "choice":
        known = [(word, rule_words.CHOICES.get(word, word)) for word in choices[fact.choice or ""]]
        return forms.ChoiceField(label=label, required=required, choices=[("", "—"), *known])
    if fact.kind == "boolean":
        return forms.NullBooleanField(label=label, required=required)
    if fact.kind == "date":
        return forms.DateField(label=label, required=required, widget=Day())
    return forms.CharField(label=label, required=required, max_length=200)


def plain(value: Any) -> Any:
    """A cleaned value as an entity file writes it: decimals as text, dates ISO."""
    return value if isinstance(value, bool | int) else str(value)


class PushForm(forms.Form):
    """For which year offers are made."""

    year = forms.IntegerField(label=_("Year"), min_value=2021, max_value=2100)


class DelegationForm(forms.Form):
    """A power to be lent."""

    delegate = forms.ChoiceField(label=_("To"))
    acts = forms.MultipleChoiceField(label=_("Kinds of acts"), widget=forms.CheckboxSelectMultiple)
    basis = words(_("Legal basis"), help_text=_("The words it rests on."))
    source = forms.CharField(label=_("Where they stand"), max_length=300)
    valid_from = forms.DateField(label=_("In force from"), widget=Day())
    valid_to = forms.DateField(label=_("In force until"), widget=Day(), required=False)

    def __init__(self, *args: Any, bodies: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["delegate"].choices = list(bodies)  # type: ignore[attr-defined]
        self.fields["acts"].choices = [(kind, row.label) for kind, row in acts().items()]  # type: ignore[attr-defined]


class DelegatedActForm(forms.Form):
    """An act under a delegation."""

    kind = forms.ChoiceField(label=_("Kind of act"))
    place = forms.ChoiceField(label=_("Place"))
    matter = words(_("Matter"))

    def __init__(self, *args: Any, kinds: Iterable[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(kind, acts()[kind].label) for kind in kinds]  # type: ignore[attr-defined]
        places = [(code, f"{town.label} · {wording.SIDES[town.province]}") for code, town in towns().items()]
        self.fields["place"].choices = places  # type: ignore[attr-defined]


class LandForm(forms.Form):
    """So many m², and why."""

    m2 = forms.IntegerField(
        label=_("Area (m²)"), min_value=1, max_value=MOST_M2, help_text=_("1 hectare is 10,000 m².")
    )
    reason = words(_("Reason"))


class PlanForm(LandForm):
    """A side's planned quota of a year."""

    side = forms.ChoiceField(label=_("Side"), choices=[("CQ", wording.SIDES["CQ"]), ("SC", wording.SIDES["SC"])])
    year = forms.IntegerField(label=_("Year"), min_value=2021, max_value=2100)
    m2 = forms.IntegerField(
        label=_("Area (m²)"),
        min_value=-MOST_M2,
        max_value=MOST_M2,
        help_text=_("Added to the plan; negative takes from it."),
    )


class ClaimForm(LandForm):
    """Quota held for a project."""

    project = forms.CharField(label=_("Project"), max_length=200)
