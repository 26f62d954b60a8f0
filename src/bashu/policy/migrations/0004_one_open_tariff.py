"""Of one thing in one territory one tariff is open, whoever publishes at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("policy", "0003_operations_powers")]

    operations = [
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)),
                fields=("utility", "customers", "measure", "territory"),
                name="tariff_one_open",
            ),
        ),
    ]
