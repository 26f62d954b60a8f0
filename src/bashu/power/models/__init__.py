"""Records of this system; the database keeps their promises."""

from bashu.power.models.dispatch import Case, Configuration, DispatchRun, GameResult, Season, Status

__all__ = ["Case", "Configuration", "DispatchRun", "GameResult", "Season", "Status"]
