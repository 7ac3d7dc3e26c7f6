"""Tables of the rules of the house. Neither is ever edited: a rule is made once, and ended once."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel
from aldia.db.scoping import ScopedAppendOnlyQuerySet


class HouseKind(models.TextChoices):
    WINDOW = "contact_window", _("Horario")
    CAP = "frequency_cap", _("Tope")
    SWITCH = "switch_on", _("Norma opcional")  # params: {"rule": its id in the packs}


class OwnRule(AppendOnlyModel):
    """A rule that the organisation adds. `params` has the very form of the packs' rules of that kind."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=HouseKind.choices)
    params = models.JSONField()
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    objects = ScopedAppendOnlyQuerySet.as_manager()


class OwnRuleEnd(AppendOnlyModel):
    """That a rule of the house no longer holds: who ended it, when and why."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rule = models.OneToOneField(OwnRule, on_delete=models.PROTECT, related_name="end")
    reason = models.CharField(max_length=300)
    ended_by = models.CharField(max_length=60)
    ended_at = models.DateTimeField()
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
