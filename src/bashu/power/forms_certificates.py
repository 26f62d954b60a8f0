"""What the pages of certificates and settlements ask people; every rule is the services'."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bashu.kernel.parties.models import Organisation
from bashu.power.formats.division import terms_of
from bashu.power.models import Holding
from bashu.power.services.metering import HOLDER_KINDS
from bashu.power.services.settlement import GRID_KINDS

FILE_LIMIT = 32 * 1024 * 1024


class Day(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def organisations(kinds: tuple[Any, ...]) -> Any:
    """Active organisations of some kinds, by name."""
    return Organisation.objects.filter(state="active", kind__in=kinds).order_by("name_zh")


class OrganisationField(forms.ModelChoiceField):
    """One organisation, by its name in the language being spoken."""

    def label_from_instance(self, obj: Organisation) -> str:
        """What stands in the list."""
        return obj.name


def chosen(label: Any, *, required: bool = True, help_text: Any = "") -> forms.ModelChoiceField:
    """A field for one organisation."""
    return OrganisationField(
        label=label,
        queryset=Organisation.objects.none(),
        to_field_name="public_id",
        required=required,
        help_text=help_text,
    )


class QuantityForm(forms.Form):
    """How many certificates of a holding, and from which number on."""

    quantity = forms.IntegerField(label=_("How many (MWh)"), min_value=1)
    first = forms.IntegerField(
        label=_("From number"), min_value=1, required=False,
        help_text=_("Each number stands for certain hours. Empty: the lowest numbers."),
    )  # fmt: skip

    def __init__(self, *args: Any, holding: Holding, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["quantity"].initial = holding.count
        self.fields["quantity"].widget.attrs["max"] = holding.count
        self.fields["first"].widget.attrs |= {"min": holding.first, "max": holding.last}


class RetireForm(QuantityForm):
    """What for, and for whom."""

    purpose = forms.CharField(label=_("Purpose"), max_length=200, help_text=_("Everybody can read it."))
    beneficiary = chosen(_("For whom"), required=False, help_text=_("Empty: for the owner itself."))

    def __init__(self, *args: Any, holding: Holding, **options: Any) -> None:
        super().__init__(*args, holding=holding, **options)
        if holding.batch.tradable:
            self.fields["beneficiary"].queryset = organisations(HOLDER_KINDS).exclude(public_id=holding.owner_id)  # type: ignore[attr-defined]
        else:
            del self.fields["beneficiary"]


class OfferForm(QuantityForm):
    """To whom."""

    receiver = chosen(_("To whom"))

    def __init__(self, *args: Any, holding: Holding, **options: Any) -> None:
        super().__init__(*args, holding=holding, **options)
        self.fields["receiver"].queryset = organisations(HOLDER_KINDS).exclude(public_id=holding.owner_id)  # type: ignore[attr-defined]


class MonthForm(forms.Form):
    """A month, by any of its days."""

    month = forms.DateField(label=_("A day of the month"), widget=Day())


class HoursForm(forms.Form):
    """A file of hours."""

    file = forms.FileField(label=_("File"), widget=forms.FileInput(attrs={"accept": ".csv,.parquet"}))

    def clean_file(self) -> bytes:
        """The file's bytes, refused before they are read when there are too many."""
        part = self.cleaned_data["file"]
        if part.size > FILE_LIMIT:
            raise forms.ValidationError(_("The file is larger than 32 MB."))
        content: bytes = part.read()
        return content


class NothingAsked(forms.Form):
    """An act that needs no words."""


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class ProposalForm(forms.Form):
    """A settlement from the file of a division."""

    counterparty = chosen(_("The other grid"))
    period_start = forms.DateField(label=_("First day"), widget=Day())
    period_end = forms.DateField(label=_("Last day"), widget=Day())
    file = forms.FileField(
        label=_("File of the division"), widget=forms.FileInput(attrs={"accept": ".json"}),
        help_text=_("What `bashu power share … --json` writes for the period."),
    )  # fmt: skip
    note = forms.CharField(label=_("Remark"), max_length=200, required=False)

    def __init__(self, *args: Any, sides: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        others = organisations(GRID_KINDS).exclude(jurisdiction__in=sides)
        self.fields["counterparty"].queryset = others  # type: ignore[attr-defined]

    def clean_file(self) -> dict[str, Any]:
        """The division's terms."""
        try:
            return terms_of(self.cleaned_data["file"].read())
        except ValueError as error:
            raise forms.ValidationError(
                _("This is no division: %(problem)s"), params={"problem": str(error)}
            ) from error
