"""Functions that sweeps compute in their own processes; without Django, like an engine."""

import os
import time
from pathlib import Path

HERE = Path(__file__).parent


def double(number: int) -> int:
    """Twice a number; seven cannot be doubled, and eight ends its process."""
    if number == 7:
        raise ValueError("seven is not wanted")
    if number == 8:
        os._exit(3)
    return 2 * number


def slow_then_identify(seconds: float) -> int:
    """The process that did it, some time later."""
    time.sleep(seconds)
    return os.getpid()
