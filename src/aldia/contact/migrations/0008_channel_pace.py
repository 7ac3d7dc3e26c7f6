from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contact', '0007_brakes'),
    ]

    operations = [
        migrations.AddField(
            model_name='channelsetting',
            name='per_minute',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='channelsetting',
            name='next_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
