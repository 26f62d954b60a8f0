"""Divisions and the groups the programme names. The owner loads them from `facts/`; all others only read."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import BigIntegerField, Deferrable, F, Func, Q, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.models import Record


class Jurisdiction(models.TextChoices):
    """The two governments."""

    CHONGQING = "CQ", _("Chongqing")
    SICHUAN = "SC", _("Sichuan")


class Kind(models.TextChoices):
    """What a division is, by the constitution's levels."""

    MUNICIPALITY = "municipality", _("municipality")
    PROVINCE = "province", _("province")
    PREFECTURE_LEVEL_CITY = "prefecture_level_city", _("prefecture-level city")
    AUTONOMOUS_PREFECTURE = "autonomous_prefecture", _("autonomous prefecture")
    DISTRICT = "district", _("district")
    COUNTY = "county", _("county")
    COUNTY_LEVEL_CITY = "county_level_city", _("county-level city")
    AUTONOMOUS_COUNTY = "autonomous_county", _("autonomous county")


PREFECTURES = (Kind.PREFECTURE_LEVEL_CITY, Kind.AUTONOMOUS_PREFECTURE)
COUNTIES = (Kind.DISTRICT, Kind.COUNTY, Kind.COUNTY_LEVEL_CITY, Kind.AUTONOMOUS_COUNTY)


class DateBasis(models.TextChoices):
    """What a date stands for."""

    APPROVAL = "approval", _("date of the approving document")
    ANNOUNCEMENT = "announcement", _("date of the announcement")
    LIST_YEAR = "list_year", _("first year in the official list")


class PlaceQuerySet(models.QuerySet["Place"]):
    """Places by day."""

    def on(self, day: date) -> "PlaceQuerySet":
        """Those in being on a day: from `valid_from`, before `valid_to`."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class Place(Record):
    """One division under one code and one name, from `valid_from` until before `valid_to`.

    A division that changes its code, name or rank ends, and another begins (see CodeChange). lat, lon: degrees WGS-84.
    """

    code = models.CharField(max_length=6)  # GB/T 2260
    kind = models.CharField(max_length=24, choices=Kind.choices)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    alias = models.CharField(max_length=80, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    jurisdiction = models.CharField(max_length=2, choices=Jurisdiction.choices)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    point = models.CharField(max_length=24, blank=True)  # how lat and lon came about: see README.md
    crs = models.CharField(max_length=10, default="WGS-84")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    date_basis = models.CharField(max_length=12, choices=DateBasis.choices)
    status = models.CharField(max_length=10, choices=FactStatus.choices)
    source = models.TextField()

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="place_code_valid_from"),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{6}$"), name="place_code_has_six_digits"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="place_begins_before_it_ends"
            ),
            # A range of one number stands in for equality, which GiST knows only through btree_gist.
            # Deferred: a load may move the day on which one place ends and the next begins.
            ExclusionConstraint(
                name="place_code_held_once",
                expressions=[
                    (
                        Func(
                            Cast("code", BigIntegerField()),
                            Cast("code", BigIntegerField()),
                            Value("[]"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (Func("valid_from", "valid_to", function="daterange"), RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class Extent(models.TextChoices):
    """How much of a division is meant."""

    WHOLE = "whole", _("whole")
    PART = "part", _("part")
    UNKNOWN = "unknown", _("unknown")


class CodeChange(models.Model):
    """What became of a code on a day: the whole division, or part of it, went to another."""

    old_code = models.CharField(max_length=6)
    old_name = models.CharField(max_length=40)
    new_code = models.CharField(max_length=6)
    new_name = models.CharField(max_length=40)
    changed_on = models.DateField()
    date_basis = models.CharField(max_length=12, choices=DateBasis.choices)
    extent = models.CharField(max_length=7, choices=Extent.choices)
    document = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=FactStatus.choices)
    source = models.TextField()

    class Meta:
        ordering = ["changed_on", "old_code", "new_code"]
        constraints = [
            models.UniqueConstraint(fields=["old_code", "new_code", "changed_on"], name="code_change_once"),
        ]

    def __str__(self) -> str:
        return f"{self.old_code} {self.old_name} → {self.new_code} {self.new_name} ({self.changed_on})"


class GroupKind(models.TextChoices):
    """What the programme calls a group of places."""

    POLE = "pole", _("pole")
    CORRIDOR = "corridor", _("corridor")
    HUB_REGION = "hub_region", _("hub region")
    LOGISTICS_BELT = "logistics_belt", _("logistics belt")
    EQUIPMENT_CORE = "equipment_core", _("equipment core")
    EQUIPMENT_BELT = "equipment_belt", _("equipment belt")
    NEW_AREA = "new_area", _("new area")


class MembersStatus(models.TextChoices):
    """Whether the source says which divisions belong to a group."""

    STATED = "stated", _("stated")
    DERIVED = "derived", _("derived")
    UNKNOWN = "unknown", _("unknown")


class PlaceGroup(Record):
    """A group of places that the programme names. Members that its source does not name stay unknown."""

    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=GroupKind.choices)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    members_status = models.CharField(max_length=8, choices=MembersStatus.choices)
    quote = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=FactStatus.choices)
    source = models.TextField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name_zh


class PlaceGroupMember(models.Model):
    """A division that belongs to a group, wholly, in part, or to an extent the source leaves unknown."""

    group = models.ForeignKey(PlaceGroup, on_delete=models.PROTECT, related_name="members")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="memberships")
    extent = models.CharField(max_length=7, choices=Extent.choices)
    basis = models.CharField(max_length=8, choices=MembersStatus.choices)
    quote = models.CharField(max_length=120)
    source = models.TextField()

    class Meta:
        ordering = ["group", "place"]
        constraints = [models.UniqueConstraint(fields=["group", "place"], name="place_group_member_once")]

    def __str__(self) -> str:
        return f"{self.group} – {self.place}"
