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
from bashu.power.models.settlement import Settlement, SettlementLine, SettlementSignature, SettlementState

__all__ = [
    "AreaFlow", "AreaHour", "Batch", "CertifiedHour", "ConsumedHour", "CreditClaim", "Holding", "HoldingState", "MeteredHour",
    "Retirement", "RetirementClaim", "Settlement", "SettlementLine", "SettlementSignature", "SettlementState", "Technology",
    "Transfer", "TransferState", "Unit",
]  # fmt: skip
