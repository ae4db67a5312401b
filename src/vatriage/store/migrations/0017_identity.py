
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0016_shadow_mode'),
    ]

    operations = [
        migrations.CreateModel(
            name='HostStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=16)),
                ('text', models.CharField(max_length=500)),
                ('author', models.CharField(max_length=255)),
                ('reason', models.TextField()),
                ('valid_from', models.BigIntegerField(default=0)),
                ('valid_until', models.BigIntegerField(default=0)),
                ('at', models.BigIntegerField()),
                ('withdrawn_at', models.BigIntegerField(default=0)),
                ('withdrawn_by', models.CharField(default='', max_length=255)),
                ('withdrawn_why', models.TextField(default='')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.host')),
            ],
            options={
                'db_table': 'host_statements',
            },
        ),
        migrations.CreateModel(
            name='LeaseImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.TextField()),
                ('format', models.CharField(max_length=16)),
                ('at', models.BigIntegerField()),
                ('leases', models.BigIntegerField(default=0)),
                ('rejects', models.BigIntegerField(default=0)),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.zone')),
            ],
            options={
                'db_table': 'lease_imports',
            },
        ),
        migrations.CreateModel(
            name='LeaseReject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.BigIntegerField()),
                ('problem', models.TextField()),
                ('raw', models.BinaryField()),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='store.leaseimport')),
            ],
            options={
                'db_table': 'lease_rejects',
            },
        ),
        migrations.CreateModel(
            name='PoolStated',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=45)),
                ('port', models.IntegerField(default=-1)),
                ('members', models.JSONField()),
                ('author', models.CharField(max_length=255)),
                ('reason', models.TextField()),
                ('valid_from', models.BigIntegerField()),
                ('valid_until', models.BigIntegerField(default=0)),
                ('at', models.BigIntegerField()),
                ('withdrawn_at', models.BigIntegerField(default=0)),
                ('withdrawn_by', models.CharField(default='', max_length=255)),
                ('withdrawn_why', models.TextField(default='')),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.zone')),
            ],
            options={
                'db_table': 'pools',
            },
        ),
        migrations.CreateModel(
            name='LeaseStated',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=45)),
                ('mac', models.CharField(default='', max_length=17)),
                ('hostname', models.CharField(default='', max_length=255)),
                ('start', models.BigIntegerField()),
                ('end', models.BigIntegerField()),
                ('zone', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='store.zone')),
            ],
            options={
                'db_table': 'leases_stated',
                'constraints': [models.UniqueConstraint(fields=('zone', 'address', 'start', 'mac', 'hostname', 'end'), name='lease_key')],
            },
        ),
    ]
