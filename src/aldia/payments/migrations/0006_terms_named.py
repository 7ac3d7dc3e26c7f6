from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_customer_terms")]

    operations = [
        migrations.RenameField("customerterms", "needs_order", "has_order"),
        migrations.RenameField("customerterms", "needs_counter_receipt", "has_counter_receipt"),
    ]
