from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0011_permit_calls'),
    ]

    operations = [
        migrations.AddField(
            model_name='device',
            name='secret_owner',
            field=models.CharField(default='', max_length=64),
        ),
    ]
