from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_fewer_indexes"), ("outcomes", "0004_agreements")]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="file",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=models.deletion.PROTECT, related_name="+", to="ledger.storedfile"
            ),
        ),
    ]
