"""What is measured of a task is public; only who acts for an organisation writes it, and the service lets none but the node."""

from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import ORGANISATIONS


class Migration(migrations.Migration):
    dependencies = [("programme", "0004_taskreading")]

    operations = [
        row_security("programme_taskreading", "true", f"{ORGANISATIONS} IS NOT NULL"),
        revoke("programme_taskreading", "app", ["DELETE"]),
    ]
