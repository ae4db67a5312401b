import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0018_priority'),
    ]

    operations = [
        migrations.CreateModel(
            name='Destination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
                ('url', models.TextField()),
                ('settings', models.JSONField(default=dict)),
                ('secret_token', models.BinaryField(default=b'')),
                ('least', models.SmallIntegerField()),
                ('zones', models.JSONField(default=list)),
                ('paused', models.BooleanField(default=False)),
                ('next_at', models.BigIntegerField(default=0)),
                ('busy_until', models.BigIntegerField(default=0)),
                ('failures', models.IntegerField(default=0)),
                ('error', models.TextField(default='')),
                ('last_sent_at', models.BigIntegerField(default=0)),
                ('sent', models.BigIntegerField(default=0)),
                ('lost', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'destinations',
            },
        ),
        migrations.CreateModel(
            name='OutboxRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('delivery', models.CharField(max_length=32, unique=True)),
                ('news', models.CharField(max_length=16)),
                ('alert_id', models.CharField(max_length=32)),
                ('record', models.BinaryField()),
                ('queued_at', models.BigIntegerField()),
                ('attempts', models.IntegerField(default=0)),
                ('destination', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='store.destination')),
            ],
            options={
                'db_table': 'outbox',
                'indexes': [models.Index(fields=['destination', 'id'], name='outbox_order')],
            },
        ),
    ]
