import uuid_utils.compat
from django.db import migrations, models

from bashu.kernel.database.policies import row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS, PERSON

OWN = f"submitter::text = {PERSON} OR organisation::text = ANY ({ORGANISATIONS})"
OFFICES = f"jurisdiction = ANY ({JURISDICTIONS}) OR 'joint' = ANY ({JURISDICTIONS})"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(max_length=100)),
                ('parameters', models.JSONField()),
                ('state', models.CharField(choices=[('queued', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='queued', max_length=10)),
                ('attempt', models.PositiveSmallIntegerField(default=0)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(default=0)),
                ('message', models.CharField(blank=True, max_length=300)),
                ('checkpoint', models.JSONField(null=True)),
                ('result', models.JSONField(null=True)),
                ('error', models.TextField(blank=True)),
                ('submitted_by', models.CharField(max_length=80)),
                ('submitter', models.UUIDField()),
                ('organisation', models.UUIDField()),
                ('organisation_name', models.CharField(max_length=200)),
                ('jurisdiction', models.CharField(max_length=10)),
                ('actor', models.JSONField()),
                ('submitted_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('heartbeat_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'indexes': [models.Index(fields=['organisation', '-id'], name='job_organisation'), models.Index(fields=['submitter', '-id'], name='job_submitter'), models.Index(fields=['jurisdiction', '-id'], name='job_jurisdiction')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'done', 'failed', 'cancelled'])), name='job_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ('queued', 'running'))), models.Q(models.Q(('state__in', ('queued', 'running')), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='job_ended_has_time')],
            },
        ),
        row_security('jobs_job', using=f'{OWN} OR {OFFICES}'),
    ]
