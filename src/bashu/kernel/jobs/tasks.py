"""Work of the kernel that workers do again and again: letting go of what is kept for a time only."""

import logging
from datetime import UTC, datetime

from bashu.kernel.commands.services import receipts_prune
from bashu.kernel.jobs.registry import periodic
from bashu.kernel.parties.services import traces_prune

DAY = 86_400.0  # seconds

logger = logging.getLogger("bashu.jobs")


@periodic("kernel.prune", every=DAY)
def prune() -> None:
    """Remove receipts of commands and traces of sign-ins whose time is over."""
    now = datetime.now(UTC)  # real time, also in the demonstration: it is this machine's store
    logger.info("pruned", extra={"receipts": receipts_prune(now), "sign_ins": traces_prune(now)})
