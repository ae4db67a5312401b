import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0015_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='Hiding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('zone', models.TextField()),
                ('verdict', models.SmallIntegerField()),
                ('report', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('reason', models.TextField()),
                ('until', models.BigIntegerField()),
                ('on_by', models.CharField(max_length=255)),
                ('on_at', models.BigIntegerField()),
                ('verdict_mark', models.BigIntegerField()),
                ('review_mark', models.BigIntegerField()),
                ('off_at', models.BigIntegerField(default=0)),
                ('off_by', models.CharField(default='', max_length=255)),
                ('off_why', models.TextField(default='')),
            ],
            options={
                'db_table': 'hiding',
            },
        ),
        migrations.CreateModel(
            name='ShadowSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('zone', models.TextField()),
                ('seed', models.BigIntegerField()),
                ('from_us', models.BigIntegerField()),
                ('until_us', models.BigIntegerField()),
                ('population', models.BigIntegerField()),
                ('drawn_by', models.CharField(max_length=255)),
                ('drawn_at', models.BigIntegerField()),
            ],
            options={
                'db_table': 'shadow_samples',
            },
        ),
        migrations.CreateModel(
            name='ShadowSampleAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.IntegerField()),
                ('alert_id', models.CharField(max_length=32)),
                ('at_us', models.BigIntegerField()),
            ],
            options={
                'db_table': 'shadow_sample_alerts',
            },
        ),
        migrations.AddIndex(
            model_name='verdictrow',
            index=models.Index(condition=models.Q(('verdict', 1)), fields=['alert'], name='verdict_not_affected'),
        ),
        migrations.AddIndex(
            model_name='verdictrow',
            index=models.Index(condition=models.Q(('verdict__gte', 5)), fields=['alert'], name='verdict_affected'),
        ),
        migrations.AddConstraint(
            model_name='hiding',
            constraint=models.UniqueConstraint(condition=models.Q(('off_at', 0)), fields=('zone',), name='hiding_of_zone'),
        ),
        migrations.AddIndex(
            model_name='shadowsample',
            index=models.Index(fields=['zone', 'drawn_at'], name='shadow_sample_zone'),
        ),
        migrations.AddField(
            model_name='shadowsamplealert',
            name='sample',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='store.shadowsample'),
        ),
        migrations.AddConstraint(
            model_name='shadowsamplealert',
            constraint=models.UniqueConstraint(fields=('sample', 'place'), name='shadow_sample_place'),
        ),
    ]
