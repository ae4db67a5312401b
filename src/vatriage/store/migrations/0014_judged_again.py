from typing import Any

from django.db import migrations, models

# Added by hand-written SQL: Django would write SQLite's whole table anew for each.
COLUMNS = (
    ('alert_events', 'alertevent', 'format', 'varchar(16)', "''", models.CharField(default='', max_length=16)),
    ('alerts', 'alertrow', 'basis', 'bigint', '0', models.BigIntegerField(default=0)),
    ('alerts', 'alertrow', 'both_ends', 'bool', 'true', models.BooleanField(default=True)),
    ('alerts', 'alertrow', 'claim_set', 'bigint', '0', models.BigIntegerField(default=0)),
)


def add_bytes(_apps: Any, schema_editor: Any) -> None:
    """Add a column of bytes, which the two databases call by different names."""
    kind, empty = ('bytea', "'\\x'::bytea") if schema_editor.connection.vendor == 'postgresql' else ('BLOB', "x''")
    schema_editor.execute(f'ALTER TABLE alert_events ADD COLUMN alert_read {kind} NOT NULL DEFAULT {empty}')


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0013_bookmarks'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertOutcome',
            fields=[
                ('alert_id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('zone', models.TextField()),
                ('victim', models.CharField(max_length=45)),
                ('attacker', models.CharField(max_length=45)),
                ('at_us', models.BigIntegerField()),
            ],
            options={
                'db_table': 'alert_outcomes',
            },
        ),
        migrations.CreateModel(
            name='ArchiveFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('zone', models.TextField()),
                ('day', models.IntegerField()),
                ('path', models.TextField(unique=True)),
                ('alerts', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('written_at', models.BigIntegerField()),
            ],
            options={
                'db_table': 'archive_files',
            },
        ),
        migrations.CreateModel(
            name='ClaimSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=32, unique=True)),
                ('gid', models.BigIntegerField()),
                ('sid', models.BigIntegerField()),
                ('claims', models.TextField()),
            ],
            options={
                'db_table': 'claim_sets',
            },
        ),
        migrations.CreateModel(
            name='DueAlert',
            fields=[
                ('alert_id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('zone', models.TextField()),
            ],
            options={
                'db_table': 'rejudge_due',
            },
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('alert_id', models.CharField(max_length=32)),
                ('zone', models.TextField()),
                ('at_us', models.BigIntegerField()),
                ('before', models.SmallIntegerField()),
                ('after', models.SmallIntegerField()),
                ('cause', models.CharField(max_length=16)),
                ('snapshot', models.TextField()),
                ('pull', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'escalations',
            },
        ),
        migrations.CreateModel(
            name='Rejudgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('snapshot', models.TextField()),
                ('started_at', models.BigIntegerField()),
                ('finished_at', models.BigIntegerField(default=0)),
                ('due', models.BigIntegerField(default=0)),
                ('judged', models.BigIntegerField(default=0)),
                ('changed', models.BigIntegerField(default=0)),
                ('raised', models.BigIntegerField(default=0)),
                ('unreadable', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'rejudgements',
            },
        ),
        migrations.CreateModel(
            name='VerdictBasis',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy', models.TextField()),
                ('signatures', models.TextField()),
                ('snapshot', models.TextField()),
                ('clock_us', models.BigIntegerField()),
            ],
            options={
                'db_table': 'verdict_bases',
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                *(
                    migrations.RunSQL(f'ALTER TABLE {table} ADD COLUMN "{name}" {kind} NOT NULL DEFAULT {default}')
                    for table, _model, name, kind, default, _field in COLUMNS
                ),
                migrations.RunPython(add_bytes, migrations.RunPython.noop),
            ],
            state_operations=[
                *(
                    migrations.AddField(model_name=model, name=name, field=field)
                    for _table, model, name, _kind, _default, field in COLUMNS
                ),
                migrations.AddField(
                    model_name='alertevent', name='alert_read', field=models.BinaryField(default=b'')
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='alertrow',
            index=models.Index(condition=models.Q(('basis', 0)), fields=['id'], name='alert_without_basis'),
        ),
        migrations.AddIndex(
            model_name='alertoutcome',
            index=models.Index(fields=['zone', 'victim', 'attacker', 'at_us'], name='alert_outcome_pair'),
        ),
        migrations.AddIndex(
            model_name='archivefile',
            index=models.Index(fields=['zone', 'day'], name='archive_file_day'),
        ),
        migrations.AddIndex(
            model_name='escalation',
            index=models.Index(fields=['zone', 'id'], name='escalation_zone'),
        ),
        migrations.AddIndex(
            model_name='verdictbasis',
            index=models.Index(fields=['snapshot', 'signatures', 'clock_us'], name='verdict_basis_snapshot'),
        ),
    ]
