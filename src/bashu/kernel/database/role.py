"""A process has one database role; a command that needs another starts over as that role."""

import os
import sys

from django.conf import settings


def need(role: str) -> None:
    """Go on if this process has the role; otherwise replace it by the same command under that role. Command line only."""
    if role != settings.BASHU_ROLE:
        environment = {**os.environ, "BASHU_ROLE": role}
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, "-m", "bashu", *sys.argv[1:]], environment)  # noqa: S606
