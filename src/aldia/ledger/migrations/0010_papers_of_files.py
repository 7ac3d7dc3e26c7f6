"""Every cheque, note and bill has its instrument: those that files brought before this had none."""

from django.db import migrations, models

PAPERS = """
    INSERT INTO ledger_instrument (organisation_id, document_id, state, moved_on, details, covered)
    SELECT d.organisation_id, d.id, 'held', d.issued_on, '{}', '[]'
      FROM ledger_document AS d LEFT JOIN ledger_instrument AS i ON i.document_id = d.id
     WHERE i.id IS NULL AND d.kind IN ('cheque', 'promissory_note', 'bill_of_exchange')
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_indexed_units")]

    operations = [
        migrations.AlterField(
            model_name="instrument",
            name="state",
            field=models.CharField(db_index=True, default="held", max_length=12),
        ),
        migrations.RunSQL(PAPERS, migrations.RunSQL.noop),
    ]
