"""The one way to write: transaction, actor, permission, idempotency, row version, journal, errors."""
