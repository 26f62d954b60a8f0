"""Records of this system; the database keeps their promises."""

from bashu.power.models.certificates import (
    AreaFlow,
    AreaHour,
    Batch,
    CertifiedHour,
    ConsumedHour,
    CreditClaim,
    Holding,
    MeteredHour,
    Retirement,
    RetirementClaim,
    Transfer,
    Unit,
)
from bashu.power.models.settlement import Settlement, SettlementLine, SettlementSignature

__all__ = [
    "AreaFlow", "AreaHour", "Batch", "CertifiedHour", "ConsumedHour", "CreditClaim", "Holding", "MeteredHour", "Retirement",
    "RetirementClaim", "Settlement", "SettlementLine", "SettlementSignature", "Transfer", "Unit",
]  # fmt: skip
