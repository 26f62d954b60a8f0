"""The sealer's loop: one process that polls the outbox and seals what was committed."""

import logging
import signal
import threading

from django.db import InterfaceError, OperationalError, connection

from bashu.kernel.journal.keys import KeyMissing
from bashu.kernel.journal.services import BATCH, entries_seal

POLL = 0.5  # seconds; an entry is sealed within two seconds of its commit
log = logging.getLogger("bashu.sealer")


def watch() -> None:
    """Seal until SIGTERM. A lost database is waited for: the outbox keeps what is to be sealed."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            sealed = entries_seal()
        except (OperationalError, InterfaceError, KeyMissing) as error:
            log.warning("cannot seal now, trying again: %s", error)
            connection.close()
            stop.wait(POLL)
            continue
        if sealed.entries:
            log.info("sealed %s entries, tree size %s", sealed.entries, sealed.size)
        if sealed.entries < BATCH:
            stop.wait(POLL)
