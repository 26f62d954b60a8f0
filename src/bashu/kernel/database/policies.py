"""Migration operations for row-level security: the second barrier behind the checks of services.

bashu_app sees and writes the rows an expression allows, bashu_system all rows, bashu_owner passes because it owns the
table. Expressions are built from the constants in `scope`.
"""

from collections.abc import Iterable

from django.db import migrations


def row_security(table: str, using: str, check: str | None = None) -> migrations.RunSQL:
    """Put `table` under row-level security.

    using: SQL condition for the rows the application sees; check: for the rows it may write, `using` when left out.
    """
    return migrations.RunSQL(
        [
            f"ALTER TABLE {_quoted(table)} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY application ON {_quoted(table)} TO bashu_app USING ({using}) WITH CHECK ({check or using})",
            f"CREATE POLICY system ON {_quoted(table)} TO bashu_system USING (true) WITH CHECK (true)",
        ],
        [
            f"DROP POLICY system ON {_quoted(table)}",
            f"DROP POLICY application ON {_quoted(table)}",
            f"ALTER TABLE {_quoted(table)} DISABLE ROW LEVEL SECURITY",
        ],
    )


def revoke(table: str, role: str, privileges: Iterable[str]) -> migrations.RunSQL:
    """Take from `role` (app, system) some of the SELECT, INSERT, UPDATE, DELETE that every new table grants it."""
    words = ", ".join(privileges)
    return migrations.RunSQL(
        f"REVOKE {words} ON {_quoted(table)} FROM bashu_{role}", f"GRANT {words} ON {_quoted(table)} TO bashu_{role}"
    )


def _quoted(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'
