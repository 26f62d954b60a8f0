"""Records of policy: runs of the rules that were kept."""

from bashu.policy.models.runs import EvaluatedEntity, EvaluationRun, RuleFiles, WhatIfStudy

__all__ = ["EvaluatedEntity", "EvaluationRun", "RuleFiles", "WhatIfStudy"]
