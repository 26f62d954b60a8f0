"""The node's PostgreSQL: found, started, watched, prepared, saved. Only the supervisor ever starts or stops it."""
