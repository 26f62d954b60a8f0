"""Refusals that answer for the database's own: each names a constraint that exists."""

from django.db import connection

from bashu.kernel.errors import every_error


def test_every_constraint_that_an_error_answers_for_is_in_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
        known = {name for (name,) in cursor.fetchall()}
    named = {kind.constraint for kind in every_error() if kind.constraint}
    assert named - known == set()
