import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0007_audit_only_grows'),
    ]

    operations = [
        migrations.AddField(
            model_name='pullpage',
            name='size',
            field=models.BigIntegerField(default=0),
        ),
        migrations.CreateModel(
            name='PullProgress',
            fields=[
                ('pull', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='store.pull')),
                ('stage', models.CharField(max_length=16)),
                ('doing', models.CharField(default='', max_length=200)),
                ('page', models.IntegerField(default=0)),
                ('bytes', models.BigIntegerField(default=0)),
                ('waiting_until', models.BigIntegerField(default=0)),
                ('reason', models.CharField(default='', max_length=200)),
                ('resumed', models.BooleanField(default=False)),
                ('noted_at', models.BigIntegerField()),
            ],
            options={
                'db_table': 'pull_progress',
            },
        ),
    ]
