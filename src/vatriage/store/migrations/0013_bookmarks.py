from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0012_secret_owner'),
    ]

    operations = [
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('zone', models.CharField(max_length=64)),
                ('source', models.TextField()),
                ('place', models.BinaryField()),
                ('events', models.BigIntegerField(default=0)),
                ('alerts', models.BigIntegerField(default=0)),
                ('rejects', models.BigIntegerField(default=0)),
                ('redelivered', models.BigIntegerField(default=0)),
                ('lost', models.BigIntegerField(default=0)),
                ('read_at_us', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'bookmarks',
                'constraints': [models.UniqueConstraint(fields=('zone', 'source'), name='bookmark_key')],
            },
        ),
    ]
