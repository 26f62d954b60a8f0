"""Records of policy; the database keeps their promises."""

from bashu.policy.models.applications import (
    Appeal,
    AppealState,
    Application,
    ApplicationState,
    Award,
    Payment,
    Step,
    SupportAccount,
)
from bashu.policy.models.catalogues import Budget, Catalogue, Item, Offer, OfferBatch, OfferState
from bashu.policy.models.delegations import DelegatedAct, Delegation
from bashu.policy.models.land import LandAccount, LandEntry, LandMove, LandReservation
from bashu.policy.models.profiles import Origin, ProfileFact
from bashu.policy.models.runs import EvaluatedEntity, EvaluationRun, RuleFiles, WhatIfStudy
from bashu.policy.models.tariffs import Measure, Tariff, Territory, Utility

__all__ = [
    "Appeal", "AppealState", "Application", "ApplicationState", "Award", "Budget", "Catalogue", "DelegatedAct", "Delegation",
    "EvaluatedEntity", "EvaluationRun", "Item", "LandAccount", "LandEntry", "LandMove", "LandReservation", "Measure", "Offer",
    "OfferBatch", "OfferState", "Origin", "Payment", "ProfileFact", "RuleFiles", "Step", "SupportAccount", "Tariff", "Territory",
    "Utility", "WhatIfStudy",
]  # fmt: skip
