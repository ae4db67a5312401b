from typing import Any

from django.db import migrations, models

CHUNK = 5_000


def fill_keys(apps: Any, schema_editor: Any) -> None:
    """Give groups that an earlier release stored the keys in whose order a network is one stretch."""
    last = ''
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                'SELECT id, target_address, attacker_address FROM alert_groups WHERE id > %s ORDER BY id LIMIT %s',
                [last, CHUNK],
            )
            groups = cursor.fetchall()
            if not groups:
                return
            last = groups[-1][0]
            cursor.executemany(
                'UPDATE alert_groups SET target_key = %s, attacker_key = %s WHERE id = %s',
                [(_key(target), _key(attacker), name) for name, target, attacker in groups],
            )


def _key(address: str) -> str:
    from vatriage.model.address import pack_address

    try:
        return pack_address(address).hex() if address else ''
    except ValueError:
        return ''


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0014_judged_again'),
    ]

    operations = [
        migrations.CreateModel(
            name='TuningRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.BigIntegerField(default=0)),
                ('revision', models.IntegerField(default=1)),
                ('zone', models.TextField()),
                ('gid', models.BigIntegerField(default=-1)),
                ('sid', models.BigIntegerField(default=-1)),
                ('source_network', models.CharField(default='', max_length=49)),
                ('target_network', models.CharField(default='', max_length=49)),
                ('source_low', models.CharField(default='', max_length=32)),
                ('source_high', models.CharField(default='g', max_length=32)),
                ('target_low', models.CharField(default='', max_length=32)),
                ('target_high', models.CharField(default='g', max_length=32)),
                ('bound', models.SmallIntegerField()),
                ('mark', models.CharField(max_length=32)),
                ('reason', models.TextField()),
                ('enabled', models.SmallIntegerField(default=1)),
                ('expires_at', models.BigIntegerField()),
                ('author', models.CharField(max_length=255)),
                ('at', models.BigIntegerField()),
                ('superseded_by', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'tuning_rules',
            },
        ),
        migrations.AddField(
            model_name='alertgroup',
            name='attacker_key',
            field=models.CharField(default='', max_length=32),
        ),
        migrations.AddField(
            model_name='alertgroup',
            name='target_key',
            field=models.CharField(default='', max_length=32),
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
        migrations.AddField(
            model_name='review',
            name='attacker_address',
            field=models.CharField(default='', max_length=45),
        ),
        migrations.AddField(
            model_name='review',
            name='gid',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='review',
            name='scope',
            field=models.CharField(default='', max_length=32),
        ),
        migrations.AddField(
            model_name='review',
            name='sid',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='review',
            name='target_address',
            field=models.CharField(default='', max_length=45),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['zone', 'sid', 'superseded_by'], name='review_signature'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_by', 0), models.Q(('scope', ''), _negated=True)), fields=('zone', 'sid', 'gid', 'target_address', 'attacker_address'), name='review_of_signature'),
        ),
        migrations.AddIndex(
            model_name='tuningrule',
            index=models.Index(fields=['superseded_by', 'zone'], name='tuning_rule_now'),
        ),
        migrations.AddConstraint(
            model_name='tuningrule',
            constraint=models.UniqueConstraint(fields=('rule', 'revision'), name='tuning_rule_key'),
        ),
    ]
