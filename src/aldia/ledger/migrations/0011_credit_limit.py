from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_papers_of_files")]

    operations = [
        migrations.AddField("account", "credit_minor", models.BigIntegerField(db_default=0)),
    ]
