from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0010_pull_plan'),
    ]

    operations = [
        migrations.AddField(
            model_name='permitlimit',
            name='noted_call',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='permitlimit',
            name='others',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='permitlimit',
            name='others_at',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='pullpage',
            name='removed_at',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='PermitCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=255)),
                ('resource', models.CharField(max_length=64)),
                ('at', models.BigIntegerField()),
            ],
            options={
                'db_table': 'permit_calls',
                'indexes': [models.Index(fields=['account', 'resource', 'at'], name='permit_call_place')],
            },
        ),
    ]
