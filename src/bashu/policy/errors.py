"""What policy refuses."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class FilesRefused(BashuError):
    """Rule, entity, catalogue or project files with faults; each was named before."""

    code, status, message = "policy.files_refused", 422, _("{count} faults in the files; nothing was computed.")


class ReplayDiffers(BashuError):
    """A saved run that does not come out again as it was kept: a row or a rule was altered."""

    code, status, message = "policy.replay_differs", 409, _("{count} things differ from what was saved.")


class RulesDoubtful(BashuError):
    """`lint` found something."""

    code, status, message = "policy.rules_doubtful", 422, _("{count} findings in the rules.")


class RuleTestsFailed(BashuError):
    """Tests beside the rules fail."""

    code, status, message = "policy.tests_failed", 422, _("{failed} of {count} rule tests fail.")
