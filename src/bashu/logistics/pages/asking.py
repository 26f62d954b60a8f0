"""What the planner asks: from where to where, when, what, and what time and carbon are worth to the shipper."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError
from bashu.logistics.errors import WhereAmbiguous, WhereUnknown
from bashu.logistics.formats.folder import HubRecord
from bashu.logistics.places import Where, where_resolve
from bashu.logistics.selectors.routes import Cargo
from bashu.logistics.terms import HOUR_FEN, TONNE_FEN

FEN = 100
MOST_BOXES = 2_000
MOST_YUAN = 1_000_000
LAST_DAY = date(9000, 1, 1)
CLASSES = [("", _("none")), *((str(n), f"{n}") for n in range(1, 10))]


class PlaceField(forms.CharField):
    """A place by code or name; the node suggests places while one types."""

    def __init__(self, name: str, label: Any, **options: Any) -> None:
        attributes = {
            "list": f"places-{name}", "autocomplete": "off", "hx-trigger": "input changed delay:180ms", "hx-sync": "this:replace",
            "hx-target": f"#places-{name}", "hx-swap": "innerHTML",
        }  # fmt: skip
        super().__init__(label=label, max_length=100, widget=forms.TextInput(attrs=attributes), **options)


class AskForm(forms.Form):
    """One question to the planner; every field but the two places has a default."""

    origin = PlaceField("origin", _("Origin"))
    destination = PlaceField("destination", _("Destination"))
    depart = forms.DateField(label=_("Ready on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ft20 = forms.IntegerField(label=_("20-foot boxes"), min_value=0, max_value=MOST_BOXES, required=False)
    ft40 = forms.IntegerField(label=_("40-foot boxes"), min_value=0, max_value=MOST_BOXES, required=False)
    dangerous = forms.ChoiceField(
        label=_("Dangerous goods"), choices=CLASSES, required=False, help_text=_("UN class 1 to 9")
    )
    reefer = forms.BooleanField(label=_("Needs cooling"), required=False)
    hour = forms.IntegerField(
        label=_("Value of time, yuan an hour"), min_value=0, max_value=MOST_YUAN, required=False,
        help_text=_("What an hour sooner is worth to you, for the whole consignment. 20 is an assumption."),
    )  # fmt: skip
    tonne = forms.IntegerField(
        label=_("Carbon price, yuan a tonne"), min_value=0, max_value=MOST_YUAN, required=False,
        help_text=_("What a tonne of CO2e less is worth to you. 80 is an assumption."),
    )  # fmt: skip
    deadline = forms.DateTimeField(
        label=_("Must be there by"), required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("By the destination's clock; the planner then says when to leave at the latest."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, hubs: Sequence[HubRecord], today: date, origin: str = "") -> None:
        defaults = {
            "origin": origin,
            "depart": today,
            "ft20": 2,
            "ft40": 0,
            "hour": HOUR_FEN // FEN,
            "tonne": TONNE_FEN // FEN,
        }
        super().__init__(data, initial=defaults, auto_id="ask-%s")
        self.hubs, self.today = hubs, today
        for name in ("origin", "destination"):
            self.fields[name].widget.attrs["hx-get"] = reverse("logistics:suggestions")

    def clean_origin(self) -> Where:
        """The place one starts from."""
        return self.place("origin")

    def clean_destination(self) -> Where:
        """The place one goes to."""
        return self.place("destination")

    def place(self, name: str) -> Where:
        """The place a field names; its faults list what may have been meant."""
        try:
            return where_resolve(self.cleaned_data[name], self.hubs, as_of=self.today)
        except (WhereUnknown, WhereAmbiguous) as error:
            raise forms.ValidationError(str(error)) from error

    def clean_depart(self) -> date:
        """A day the calendar can reach beyond."""
        day: date = self.cleaned_data["depart"]
        if not date(1971, 1, 1) <= day <= LAST_DAY:
            raise forms.ValidationError(_("No network reaches that day."))
        return day

    def clean(self) -> dict[str, Any]:
        """At least one box."""
        data = super().clean() or {}
        if not {"ft20", "ft40"} & set(self.errors) and not self.teu(data):
            self.add_error("ft20", _("At least one box must be carried."))
        return data

    def teu(self, data: dict[str, Any]) -> int:
        """Twenty-foot units: a 40-foot box is two."""
        return (data.get("ft20") or 0) + 2 * (data.get("ft40") or 0)

    @property
    def cargo(self) -> Cargo:
        """What is carried."""
        data = self.cleaned_data
        return Cargo(self.teu(data), int(data["dangerous"]) if data["dangerous"] else None, data["reefer"])

    def asked(self) -> dict[str, Any]:
        """The question as the planner takes it."""
        data = self.cleaned_data
        hour, tonne = (default if value is None else FEN * value for value, default in (
            (data["hour"], HOUR_FEN), (data["tonne"], TONNE_FEN)
        ))  # fmt: skip
        return {
            "origin": data["origin"].code, "destination": data["destination"].code, "departs": data["depart"],
            "cargo": self.cargo, "hour": hour, "tonne": tonne,
        }  # fmt: skip

    def latest(self) -> dict[str, Any] | None:
        """The question for the latest departure, None without a deadline. The deadline has no zone: it is the destination's."""
        deadline: datetime | None = self.cleaned_data["deadline"]
        if deadline is None:
            return None
        data = self.cleaned_data
        return {
            "origin": data["origin"].code, "destination": data["destination"].code, "earliest": data["depart"],
            "deadline": deadline.replace(tzinfo=None), "cargo": self.cargo,
        }  # fmt: skip

    def refuse(self, error: BashuError) -> None:
        """Show a refusal of the planner beside the field it speaks of."""
        field = {"logistics.same_place": "destination"}.get(error.code)
        if error.code == "logistics.out_of_reach":
            name = error.context["text"]
            origin: Where = self.cleaned_data["origin"]
            field = "origin" if name in (origin.name_zh, origin.code) else "destination"
        self.add_error(field, str(error))
