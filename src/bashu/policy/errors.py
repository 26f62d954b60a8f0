"""What policy refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class FilesRefused(BashuError):
    """Rule, entity, catalogue or project files with faults; each was named before."""

    code, status, message = "policy.files_refused", 422, _("{count} faults in the files; nothing was computed.")


class RulesDoubtful(BashuError):
    """`lint` found something."""

    code, status, message = "policy.rules_doubtful", 422, _("{count} findings in the rules.")


class RuleTestsFailed(BashuError):
    """Tests beside the rules fail."""

    code, status, message = "policy.tests_failed", 422, _("{failed} of {count} rule tests fail.")
