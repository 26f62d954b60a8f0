"""One request, one id: in the answer's header, in every log line, in the journal."""

import logging
from contextvars import ContextVar
from uuid import UUID

request_id: ContextVar[UUID | None] = ContextVar("request_id", default=None)


class RequestId(logging.Filter):
    """Puts the current request's id on every log record; empty outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: this filter only adds."""
        current = request_id.get()
        record.request_id = str(current) if current else ""
        return True
