import django.db.models.deletion
from django.db import migrations, models

_SCORE = models.SmallIntegerField(default=0)


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0017_identity'),
    ]

    operations = [
        # As SQL of ours: Django would copy the whole table on SQLite, and an inventory has millions of rows.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f'ALTER TABLE {table} ADD COLUMN qds smallint NOT NULL DEFAULT 0',
                    f'ALTER TABLE {table} DROP COLUMN qds',
                )
                for table in ('detections', 'detections_past')
            ],
            state_operations=[
                migrations.AddField(model_name='detection', name='qds', field=_SCORE),
                migrations.AddField(model_name='detectionpast', name='qds', field=_SCORE),
            ],
        ),
        migrations.CreateModel(
            name='AssetValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(max_length=49)),
                ('value', models.SmallIntegerField()),
                ('who', models.CharField(max_length=255)),
                ('at', models.BigIntegerField()),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='store.zone')),
            ],
            options={
                'db_table': 'asset_values',
                'constraints': [models.UniqueConstraint(fields=('zone', 'network'), name='asset_value_key')],
            },
        ),
    ]
