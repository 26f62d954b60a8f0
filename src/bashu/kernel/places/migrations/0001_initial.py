import django.contrib.postgres.constraints
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import uuid_utils.compat
from django.db import migrations, models

from bashu.kernel.database.policies import revoke


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='PlaceGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('slug', models.SlugField(unique=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('pole', 'pole'), ('corridor', 'corridor'), ('hub_region', 'hub region'), ('logistics_belt', 'logistics belt'), ('equipment_core', 'equipment core'), ('equipment_belt', 'equipment belt'), ('new_area', 'new area')], max_length=16)),
                ('name_zh', models.CharField(max_length=60)),
                ('name_en', models.CharField(max_length=120)),
                ('members_status', models.CharField(choices=[('stated', 'stated'), ('derived', 'derived'), ('unknown', 'unknown')], max_length=8)),
                ('quote', models.CharField(max_length=120)),
                ('status', models.CharField(choices=[('sourced', 'Sourced'), ('derived', 'Derived'), ('unverified', 'Unverified'), ('assumed', 'Assumed')], max_length=10)),
                ('source', models.TextField()),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='CodeChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_code', models.CharField(max_length=6)),
                ('old_name', models.CharField(max_length=40)),
                ('new_code', models.CharField(max_length=6)),
                ('new_name', models.CharField(max_length=40)),
                ('changed_on', models.DateField()),
                ('date_basis', models.CharField(choices=[('approval', 'date of the approving document'), ('announcement', 'date of the announcement'), ('list_year', 'first year in the official list')], max_length=12)),
                ('extent', models.CharField(choices=[('whole', 'whole'), ('part', 'part'), ('unknown', 'unknown')], max_length=7)),
                ('document', models.CharField(blank=True, max_length=60)),
                ('status', models.CharField(choices=[('sourced', 'Sourced'), ('derived', 'Derived'), ('unverified', 'Unverified'), ('assumed', 'Assumed')], max_length=10)),
                ('source', models.TextField()),
            ],
            options={
                'ordering': ['changed_on', 'old_code', 'new_code'],
                'constraints': [models.UniqueConstraint(fields=('old_code', 'new_code', 'changed_on'), name='code_change_once')],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(max_length=6)),
                ('kind', models.CharField(choices=[('municipality', 'municipality'), ('province', 'province'), ('prefecture_level_city', 'prefecture-level city'), ('autonomous_prefecture', 'autonomous prefecture'), ('district', 'district'), ('county', 'county'), ('county_level_city', 'county-level city'), ('autonomous_county', 'autonomous county')], max_length=24)),
                ('name_zh', models.CharField(max_length=40)),
                ('name_en', models.CharField(max_length=80)),
                ('alias', models.CharField(blank=True, max_length=80)),
                ('jurisdiction', models.CharField(choices=[('CQ', 'Chongqing'), ('SC', 'Sichuan')], max_length=2)),
                ('lat', models.FloatField(null=True)),
                ('lon', models.FloatField(null=True)),
                ('point', models.CharField(blank=True, max_length=24)),
                ('crs', models.CharField(default='WGS-84', max_length=10)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('date_basis', models.CharField(choices=[('approval', 'date of the approving document'), ('announcement', 'date of the announcement'), ('list_year', 'first year in the official list')], max_length=12)),
                ('status', models.CharField(choices=[('sourced', 'Sourced'), ('derived', 'Derived'), ('unverified', 'Unverified'), ('assumed', 'Assumed')], max_length=10)),
                ('source', models.TextField()),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='places.place')),
            ],
            options={
                'ordering': ['code', 'valid_from'],
            },
        ),
        migrations.CreateModel(
            name='PlaceGroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('extent', models.CharField(choices=[('whole', 'whole'), ('part', 'part'), ('unknown', 'unknown')], max_length=7)),
                ('basis', models.CharField(choices=[('stated', 'stated'), ('derived', 'derived'), ('unknown', 'unknown')], max_length=8)),
                ('quote', models.CharField(max_length=120)),
                ('source', models.TextField()),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='places.placegroup')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='places.place')),
            ],
            options={
                'ordering': ['group', 'place'],
            },
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.UniqueConstraint(fields=('code', 'valid_from'), name='place_code_valid_from'),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9]{6}$')), name='place_code_has_six_digits'),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='place_begins_before_it_ends'),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], expressions=[(models.Func(django.db.models.functions.comparison.Cast('code', models.BigIntegerField()), django.db.models.functions.comparison.Cast('code', models.BigIntegerField()), models.Value('[]'), function='int8range'), '&&'), (models.Func('valid_from', 'valid_to', function='daterange'), '&&')], name='place_code_held_once'),
        ),
        migrations.AddConstraint(
            model_name='placegroupmember',
            constraint=models.UniqueConstraint(fields=('group', 'place'), name='place_group_member_once'),
        ),
        *[
            revoke(table, role, ["INSERT", "UPDATE", "DELETE"])
            for table in ("places_place", "places_codechange", "places_placegroup", "places_placegroupmember")
            for role in ("app", "system")
        ],
    ]
