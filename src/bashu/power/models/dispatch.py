"""What was asked of the two grids, what the dispatch answered, and how the gain is divided."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation

# Per cent. Assumed, as nobody says how often: who asks for a scenario tree may say otherwise.
CHANCES = {"wet": 25, "normal": 50, "drought": 25}
OUT_PERCENT = 5


class Season(models.TextChoices):
    """What the rivers bring."""

    WET = "wet", _("Wet")
    NORMAL = "normal", _("Normal")
    DROUGHT = "drought", _("Drought")


class Configuration(models.TextChoices):
    """How the two grids act."""

    SEPARATE = "separate", _("Separate")
    JOINT = "joint", _("Joint, existing ties")
    UHV = "uhv", _("Joint, with the ultra-high-voltage line")


class Status(models.TextChoices):
    """What is known of a dispatch or a division; only an optimum has figures."""

    ASKED = "asked", _("Not solved yet")
    OPTIMAL = "optimal", _("Optimal")
    INFEASIBLE = "infeasible", _("Infeasible")
    FAILED = "failed", _("No optimum")


class Case(Record):
    """A question: the region's model over one horizon. Published, everybody sees it with its runs and divisions.

    network_digest: SHA-256 of the network that the shipped facts gave when the case was made; a run on other facts is refused.
    step: hours a snapshot stands for. voll_fen: what a megawatt-hour left unserved is held to cost.
    assumptions: the facts the model stands on, each with its source and status, as they were.
    """

    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    season = models.CharField(max_length=8, choices=Season.choices)
    starts_at = models.DateTimeField()
    hours = models.PositiveIntegerField()
    step = models.PositiveSmallIntegerField(default=1)
    seed = models.PositiveIntegerField()
    voll_fen = models.BigIntegerField()
    carbon_price_fen = models.BigIntegerField(default=0)
    network_digest = models.CharField(max_length=64)
    assumptions = models.JSONField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    jurisdiction = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0, step__gt=0), name="power_case_has_hours"),
            models.CheckConstraint(condition=Q(voll_fen__gt=0, carbon_price_fen__gte=0), name="power_case_priced"),
            models.CheckConstraint(condition=Q(season__in=Season.values), name="power_case_season_known"),
        ]

    @property
    def where(self) -> Where:
        """Its organisation and the offices of its jurisdiction have a say over it."""
        return Where(self.organisation_id, self.jurisdiction)

    def get_absolute_url(self) -> str:
        """The overview, showing this case."""
        return f"{reverse('power:overview')}?case={self.public_id}"


class DispatchRun(Record):
    """One dispatch of a case. Figures are of the whole horizon; `hourly` holds every hour as Parquet (see formats/hours).

    exchanged_mwh: energy that left either side for the other, at the sending end. figures: totals by side, for pages.
    way: how a long horizon was solved, and why not by pieces (see engine/stitched); empty for a short one.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="runs")
    configuration = models.CharField(max_length=8, choices=Configuration.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    job = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True)
    objective_fen = models.BigIntegerField(null=True)
    unserved_mwh = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    curtailed_mwh = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    exchanged_mwh = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    co2_t = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    primal_residual = models.FloatField(null=True)
    dual_gap = models.FloatField(null=True)
    figures = models.JSONField(default=dict)
    way = models.JSONField(default=dict)
    hourly = models.BinaryField(null=True)
    hourly_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=Status.OPTIMAL)
                | Q(objective_fen__isnull=False, co2_t__isnull=False, hourly__isnull=False, hourly_digest__gt=""),
                name="power_run_optimum_has_figures",
            ),
            models.CheckConstraint(
                condition=Q(solved_at__isnull=True) | Q(solved_at__gte=F("asked_at")),
                name="power_run_solved_after_asked",
            ),
            models.CheckConstraint(condition=Q(configuration__in=Configuration.values), name="power_run_known"),
        ]

    def get_absolute_url(self) -> str:
        """The overview, showing this run."""
        return f"{self.case.get_absolute_url()}&run={self.public_id}"


class GameResult(Record):
    """A case's gain divided among its players. Money in fen; lists by coalition are indexed by bit mask over `players`.

    baseline: what not cooperating means, `isolated` or `ties` (see engine/coalitions). voll_fen: the value of lost load in force.
    payoffs: by rule (shapley, nucleolus, nash, settlement), a list in the order of the players, each summing to v(N) but settlement.
    certificate: the nucleolus' levels and weights (Kohlberg, 1971), as the engine gave them.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="games")
    baseline = models.CharField(max_length=10)
    voll_fen = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    job = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True)
    players = models.JSONField()
    values_fen = models.JSONField(default=list)
    costs = models.JSONField(default=list)
    payoffs = models.JSONField(default=dict)
    weights = models.JSONField(default=list)
    certificate = models.JSONField(default=list)
    certified = models.BooleanField(null=True)
    core_empty = models.BooleanField(null=True)
    shapley_in_core = models.BooleanField(null=True)
    least_core_epsilon_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=Status.OPTIMAL)
                | Q(certified__isnull=False, core_empty__isnull=False, least_core_epsilon_fen__isnull=False),
                name="power_game_optimum_has_figures",
            ),
            models.CheckConstraint(condition=Q(baseline__in=("isolated", "ties")), name="power_game_baseline_known"),
        ]

    def get_absolute_url(self) -> str:
        """The page of the division, showing this one."""
        return f"{reverse('power:benefit')}?game={self.public_id}"


class TreeResult(Record):
    """A case's scenario tree: its hours in every season, with the ultra-high-voltage line open and out of service.

    chances: by season, whole per cent that sum to 100; out_percent: the chance that the line is out. Both are what the asker
    assumes. leaves: what each comes to, with its probability (see selectors/trees).
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="trees")
    chances = models.JSONField()
    out_percent = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    job = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True)
    leaves = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(out_percent__lte=100), name="power_tree_chance_of_outage"),
            models.CheckConstraint(
                condition=~Q(status=Status.OPTIMAL) | ~Q(leaves=[]), name="power_tree_optimum_has_leaves"
            ),
        ]

    def get_absolute_url(self) -> str:
        """The page of the case's trees, showing this one."""
        return f"{reverse('power:trees')}?case={self.case.public_id}&tree={self.public_id}"
