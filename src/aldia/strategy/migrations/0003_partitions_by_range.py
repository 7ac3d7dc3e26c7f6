"""Partitions of a run are ranges of parties. One left unfinished by an older aldia becomes everybody: nothing is taken twice."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("strategy", "0002_rehearsals")]

    operations: ClassVar = [
        migrations.RemoveField("runpartition", "partitions"),
        migrations.AddField("runpartition", "first_party", models.BigIntegerField(default=0)),
        migrations.AddField(
            "runpartition", "last_party", models.BigIntegerField(default=9223372036854775807)
        ),
    ]
