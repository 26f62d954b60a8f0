"""Many rows in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def rows_insert(model: type[Model], columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert rows given as columns of equal length, by the columns' names in the database."""
    quote = connection.ops.quote_name
    kinds = {field.column: field.db_type(connection) for field in model._meta.local_concrete_fields}
    names = ", ".join(map(quote, columns))
    arrays = ", ".join(f"%s::{kinds[name]}[]" for name in columns)
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values) for values in columns.values()])
