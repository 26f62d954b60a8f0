"""What the rules' pages ask: the five questions, and the change to try."""

import io
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from bashu.policy import rule_words
from bashu.policy.formats.schema import exact
from bashu.policy.selectors.library import numbers_to_try

MOST_YUAN = Decimal(10**9)
MOST_SQUARE_METRES = Decimal(10**8)
LARGEST_UPLOAD = 30 * 1024 * 1024
YEARS = range(2023, 2028)
LONGEST_NUMBER = 20


def question(
    label: Any, help_text: Any, most: Decimal, places: int = 2, *, required: bool = False
) -> forms.DecimalField:
    """One of the five questions: a number. Only the investment must be told, for support is a share of it."""
    return forms.DecimalField(
        label=label, help_text=help_text, required=required, min_value=Decimal(0), max_value=most, decimal_places=places,
        max_digits=len(str(most)) + places,
    )  # fmt: skip


class QuestionsForm(forms.Form):
    """The five questions of “What can I get”: what the shipped catalogue's criteria read, and one levy's base."""

    investment = question(
        _("Total investment of the project (yuan)"),
        _("Support in all may be limited to a share of it."),
        MOST_YUAN * 10,
        required=True,
    )
    research_spending = question(_("Research spending (yuan)"), _("For grants to research."), MOST_YUAN)
    hired_doctors = question(_("Doctors hired (persons)"), _("For grants to talent."), Decimal(10_000), 0)
    equipment = question(_("Equipment bought (yuan)"), _("For grants to equipment."), MOST_YUAN * 10)
    disturbed_area = question(
        _("Land disturbed by the works (m²)"),
        _("For the fee that follows the lower of both provinces."),
        MOST_SQUARE_METRES,
    )


def tries() -> list[tuple[str, str]]:
    """The numbers that can be changed, as `parameter` or `parameter:choice`, with what they are called."""
    found = []
    for parameter, choice in numbers_to_try():
        suffix = f"（{rule_words.CHOICES.get(choice, choice)}）" if choice else ""
        code = f"{parameter.id}:{choice}" if choice else parameter.id
        found.append((code, f"{rule_words.named(parameter.label)}{suffix}"))
    return found


class ChangeForm(forms.Form):
    """Which number of which province, and what it would be."""

    number = forms.ChoiceField(label=_("Standard"))
    province = forms.ChoiceField(label=_("Province"), choices=[("CQ", _("Chongqing")), ("SC", _("Sichuan"))])
    value = forms.CharField(
        label=_("New value"), max_length=LONGEST_NUMBER, help_text=_("Exact, as in the rules: 3.9, 1.6%, 0.3‰ or 1/3.")
    )
    period = forms.TypedChoiceField(
        label=_("Year"), coerce=str, choices=[(str(year), str(year)) for year in YEARS], initial="2025"
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["number"].choices = tries()  # type: ignore[attr-defined]

    def clean_value(self) -> Fraction:
        """An exact number that is not below zero."""
        try:
            value = exact(self.cleaned_data["value"])
        except (ValueError, ZeroDivisionError):
            raise forms.ValidationError(_("Write a number, such as 3.9, 1.6% or 1/3.")) from None
        if value < 0:
            raise forms.ValidationError(_("A number below zero makes no sense here."))
        return value

    def change(self) -> dict[str, Any]:
        """The change as a study keeps it."""
        number, _colon, choice = self.cleaned_data["number"].partition(":")
        return {
            "parameter": number,
            "province": self.cleaned_data["province"],
            "value": str(self.cleaned_data["value"]),
            "choice": choice or None,
        }


class PopulationForm(ChangeForm):
    """The same over the made-up enterprises, or over those whose profile the viewer may see, where there are some."""

    def __init__(self, *arguments: Any, profiled: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if profiled:
            known = _("The {number} enterprises whose profile you may see").format(number=f"{profiled:,}")
            choices = [("made_up", _("Made-up enterprises")), ("profiles", known)]
            self.fields["population"] = forms.ChoiceField(label=_("Over"), choices=choices, required=False)


class StudyForm(ChangeForm):
    """The same over an uploaded population."""

    entities = forms.FileField(
        label=_("Entity file"), help_text=_("One JSON object a line, at most 30 MB: see docs/policy.md.")
    )

    def clean_entities(self) -> bytes:
        """The file's bytes, refused before they are read when there are too many."""
        part: UploadedFile = self.cleaned_data["entities"]
        if (part.size or 0) > LARGEST_UPLOAD:
            raise forms.ValidationError(_("The file is larger than 30 MB."))
        whole = io.BytesIO()
        for piece in part.chunks():
            whole.write(piece)
        return whole.getvalue()
