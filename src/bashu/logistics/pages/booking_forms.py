"""What the pages of bookings and clearance ask people: fields and their limits; every rule is the services'."""

import hashlib
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bashu.logistics.goods import Goods, Number, Parties
from bashu.logistics.quotes import Quote

TEXT = 2_000
LARGEST = 50 * 1024 * 1024  # bytes of a file whose digest is computed
PROCEDURES = [
    ("export", _("Export")),
    ("import", pgettext_lazy("customs", "Import")),
    ("transit", _("Transit under bond")),
]
KINDS = [
    ("invoice", _("Invoice")), ("packing_list", _("Packing list")), ("bill_of_lading", _("Bill of lading")),
    ("certificate", _("Certificate")), ("declaration", _("Declaration")), ("other", _("Other paper")),
]  # fmt: skip


class NothingAsked(forms.Form):
    """An act that needs no words."""


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=TEXT,
        help_text=_("Goes into the journal."),
    )


class CancelForm(forms.Form):
    """Why, if one wants to say."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=TEXT,
        required=False,
        help_text=_("Goes into the journal."),
    )


class GoodsForm(forms.Form):
    """Goods and parties, as an amendment may change them."""

    description = forms.CharField(label=_("Goods"), max_length=200)
    hs_code = forms.CharField(label=_("HS code"), max_length=10, help_text=_("6, 8 or 10 digits."))
    weight_kg = forms.IntegerField(label=_("Gross weight, kg"), min_value=1, max_value=10**9)
    un_number = forms.CharField(label=_("UN number"), max_length=4, help_text=_("Four digits."))
    reefer_celsius = forms.DecimalField(label=_("Temperature to keep, °C"), max_digits=4, decimal_places=1)
    value = forms.DecimalField(label=_("Value of the goods"), max_digits=17, decimal_places=2, min_value=0)
    currency = forms.CharField(
        label=_("Currency"), max_length=3, initial="CNY", help_text=_("Three letters as CNY or USD.")
    )
    exchange_rate = forms.DecimalField(
        label=_("Exchange rate"),
        max_digits=12,
        decimal_places=6,
        initial=Decimal(1),
        help_text=_("Yuan a unit; 1 for CNY."),
    )
    consignee = forms.CharField(label=_("Consignee"), max_length=200)
    notify_party = forms.CharField(label=_("Notify party"), max_length=200, required=False)

    def __init__(self, *args: Any, dangerous: bool, reefer: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not dangerous:
            del self.fields["un_number"]
        if not reefer:
            del self.fields["reefer_celsius"]

    def clean_currency(self) -> str:
        """Capitals."""
        return str(self.cleaned_data["currency"]).upper()


class BookForm(GoodsForm):
    """A booking of a quote."""

    quote = forms.CharField(widget=forms.HiddenInput(), max_length=50_000)
    shipper = forms.TypedChoiceField(label=_("For which organisation"))
    forty = forms.IntegerField(label=_("How many boxes of 40 feet"), min_value=0, initial=0)
    field_order = ("quote", "shipper", "description", "hs_code", "weight_kg", "forty")

    def __init__(self, *args: Any, quote: Quote, shippers: list[Any], **options: Any) -> None:
        super().__init__(*args, dangerous=quote.dangerous is not None, reefer=quote.reefer, **options)
        self.teu = quote.teu
        self.fields["shipper"].choices = [(str(public_id), name) for public_id, name in shippers]  # type: ignore[attr-defined]
        if len(shippers) == 1:
            self.fields["shipper"].initial = str(shippers[0][0])
        forty = self.fields["forty"]
        forty.widget.attrs["max"] = quote.teu // 2
        forty.help_text = _("The quote is for {teu} TEU; each is two of them, the rest are boxes of 20 feet.").format(
            teu=quote.teu
        )

    def clean_forty(self) -> int:
        """No more than the TEU hold."""
        forty = int(self.cleaned_data["forty"])
        if 2 * forty > self.teu:
            raise forms.ValidationError(_("So many do not fit into {teu} TEU.").format(teu=self.teu))
        return forty

    def goods(self) -> Goods:
        """The goods as the service takes them."""
        said, forty = self.cleaned_data, self.cleaned_data["forty"]
        boxes = (40,) * forty + (20,) * (self.teu - 2 * forty)
        return Goods(**{name: said[name] for name in Goods._fields if name in said}, boxes=boxes)

    def parties(self) -> Parties:
        """The parties as the service takes them."""
        return Parties(self.cleaned_data["consignee"], self.cleaned_data["notify_party"])


class BoxesForm(forms.Form):
    """A number and a seal for each box."""

    def __init__(self, *args: Any, boxes: list[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.boxes = boxes
        for box in boxes:
            label = _("Box {sequence}, {feet} feet: number").format(sequence=box.sequence, feet=box.feet)
            self.fields[f"number_{box.sequence}"] = forms.CharField(
                label=label, max_length=15, required=False, initial=box.number
            )
            self.fields[f"seal_{box.sequence}"] = forms.CharField(
                label=_("Box {sequence}: seal").format(sequence=box.sequence),
                max_length=20,
                required=False,
                initial=box.seal,
            )

    def numbers(self) -> list[Number]:
        """The numbers as the service takes them."""
        said = self.cleaned_data
        return [
            Number(box.sequence, said[f"number_{box.sequence}"].upper().replace(" ", ""), said[f"seal_{box.sequence}"])
            for box in self.boxes
        ]


class FileForm(forms.Form):
    """A file of which only the digest is kept."""

    file = forms.FileField(
        label=_("File"), help_text=_("At most 50 MB. Only its SHA-256 is kept; the file itself stays with you.")
    )

    def digest(self) -> str:
        """SHA-256 over the file, hexadecimal."""
        found = hashlib.sha256()
        for chunk in self.cleaned_data["file"].chunks():
            found.update(chunk)
        return found.hexdigest()

    def clean_file(self) -> UploadedFile:
        """Not too large."""
        part: UploadedFile = self.cleaned_data["file"]
        if (part.size or 0) > LARGEST:
            raise forms.ValidationError(_("The file is larger than 50 MB."))
        return part


class DocumentForm(FileForm):
    """A paper to put on record."""

    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    field_order = ("kind", "file")


class DeclareForm(forms.Form):
    """What is declared where."""

    hub = forms.ChoiceField(label=_("Port of entry"))
    procedure = forms.ChoiceField(label=_("Procedure"), choices=PROCEDURES)

    def __init__(self, *args: Any, ports: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["hub"].choices = ports  # type: ignore[attr-defined]


class Moment(forms.DateTimeInput):
    """The browser's own calendar and clock."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class TransitForm(forms.Form):
    """Goods under bond to another port."""

    target = forms.ChoiceField(label=_("To which port"))
    seal = forms.CharField(label=_("Seal number"), max_length=20)
    due_at = forms.DateTimeField(label=_("Due by"), widget=Moment(), help_text=_("By the clock of the region."))

    def __init__(self, *args: Any, ports: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["target"].choices = ports  # type: ignore[attr-defined]


class SealForm(forms.Form):
    """The seal found on the goods."""

    seal = forms.CharField(label=_("Seal found on the goods"), max_length=20)
