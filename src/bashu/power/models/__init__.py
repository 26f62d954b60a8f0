"""Records of this system; the database keeps their promises."""

from bashu.power.models.certificates import (
    AreaFlow,
    AreaHour,
    Batch,
    CertifiedHour,
    ConsumedHour,
    CreditClaim,
    Holding,
    HoldingState,
    MeteredHour,
    Retirement,
    RetirementClaim,
    Technology,
    Transfer,
    TransferState,
    Unit,
)
from bashu.power.models.dispatch import (
    CHANCES,
    OUT_PERCENT,
    Case,
    Configuration,
    DispatchRun,
    GameResult,
    Season,
    Status,
    TreeResult,
)
from bashu.power.models.settlement import Settlement, SettlementLine, SettlementSignature, SettlementState

__all__ = [
    "CHANCES", "OUT_PERCENT", "AreaFlow", "AreaHour", "Batch", "Case", "CertifiedHour", "Configuration", "ConsumedHour",
    "CreditClaim", "DispatchRun", "GameResult", "Holding", "HoldingState", "MeteredHour", "Retirement", "RetirementClaim", "Season",
    "Settlement", "SettlementLine", "SettlementSignature", "SettlementState", "Status", "Technology", "Transfer", "TransferState",
    "TreeResult", "Unit",
]  # fmt: skip
