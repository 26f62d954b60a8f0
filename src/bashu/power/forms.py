"""What the system's pages ask people; every rule is the services'."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from bashu.power.engine.region import FORTNIGHT
from bashu.power.formats.region import region_facts
from bashu.power.models import CHANCES, OUT_PERCENT, Season

LONGEST = 8760


class CaseForm(forms.Form):
    """A new case: its name, the season, the horizon, the value of lost load."""

    name = forms.CharField(label=_("Name"), max_length=200)
    season = forms.ChoiceField(label=_("What the rivers bring"), choices=Season.choices)
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    hours = forms.IntegerField(
        label=_("Hours"),
        initial=FORTNIGHT,
        min_value=1,
        max_value=LONGEST,
        help_text=_("336 is a fortnight; at most a year."),
    )
    step = forms.IntegerField(
        label=_("Hours a step"), initial=1, min_value=1, max_value=24,
        help_text=_("Must divide the hours. A year by the hour takes a worker about a minute for each dispatch."),
    )  # fmt: skip
    voll = forms.IntegerField(
        label=_("Value of lost load, yuan/MWh"), min_value=1, max_value=10_000_000,
        initial=lambda: next(row.value for row in region_facts().totals if row.id == "voll"),
        help_text=_("It decides much of the benefit."),
    )  # fmt: skip

    def case(self) -> dict[str, Any]:
        """The case as the service takes it."""
        given = self.cleaned_data
        day = given["starts_on"]
        start = datetime(day.year, day.month, day.day, tzinfo=get_current_timezone())
        return {
            "name": given["name"], "season": Season(given["season"]), "starts_at": start, "hours": given["hours"],
            "step": given["step"], "voll_fen": given["voll"] * 100,
        }  # fmt: skip


def per_cent(label: Any, initial: int, **more: Any) -> forms.IntegerField:
    """A field for a chance."""
    return forms.IntegerField(label=label, initial=initial, min_value=0, max_value=100, **more)


class TreeForm(forms.Form):
    """The chances of a scenario tree, whole per cent."""

    wet = per_cent(_("Wet season, %"), CHANCES["wet"])
    normal = per_cent(_("Normal season, %"), CHANCES["normal"])
    drought = per_cent(_("Drought, %"), CHANCES["drought"], help_text=_("The three seasons make 100 together."))
    out_percent = per_cent(_("Line out of service, %"), OUT_PERCENT, help_text=_("In any season."))
