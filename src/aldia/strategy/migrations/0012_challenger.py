"""An experiment keeps its portfolios, and may try one strategy against another."""

from django.db import migrations, models

import aldia.db.fields


def keep_portfolios(apps, schema_editor):
    """Of an experiment that began before they were kept: the portfolios that name its strategy, else those that name none."""
    portfolios = apps.get_model("ledger", "Portfolio").objects
    for row in apps.get_model("strategy", "Experiment").objects.all():
        theirs = portfolios.filter(organisation_id=row.organisation_id).order_by("pk")
        named, unnamed = (theirs.filter(strategy_key=key) for key in (row.strategy_key, ""))
        row.portfolio_ids = list((named or unnamed).values_list("pk", flat=True))
        row.save(update_fields=["portfolio_ids"])


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0011_credit_limit"),
        ("strategy", "0011_plan_parts"),
    ]

    operations = [
        migrations.AddField("experiment", "challenger_key", aldia.db.fields.KeyField(blank=True, default="")),
        migrations.AddField("experiment", "portfolio_ids", models.JSONField(default=list), preserve_default=False),
        migrations.RunPython(keep_portfolios, migrations.RunPython.noop),
    ]
