"""Statements of the hot path stay with the server and are planned once."""

import pytest
from django.db import connection

from bashu.kernel.database.prepared import prepared

TIMES = 8  # more than the five after which the server itself would choose a plan


@pytest.mark.django_db
def test_a_hot_statement_is_kept_by_the_server_under_one_plan():
    for number in range(TIMES):
        assert prepared("SELECT %s::int AS kept_by_the_server", [number]) == [(number,)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE position('kept_by_the_server' IN statement) > 0"
        )
        assert cursor.fetchall() == [(TIMES, 0)]
