"""The one refusal of this room."""


class DatabaseUnavailableError(RuntimeError):
    """The database cannot be used now; the message says why and what to do, in one or a few lines."""

    code = "database.unavailable"
    status = 503
