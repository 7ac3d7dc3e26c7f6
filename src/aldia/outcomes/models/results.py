"""What a contact ended in: the kinds of outcome of a house, and each one written down."""

from typing import ClassVar

from django.db import models

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import KeyField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class OutcomeType(MutableModel):
    """A leaf or branch of the tree contact -> result -> reason; what it asks for and the next step it leaves are data."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    labels = models.JSONField(default=dict)  # {"es": …, "en": …, "pt-br": …}
    shortcut = models.CharField(max_length=1, blank=True)
    asks = models.JSONField(default=list)
    effects = models.JSONField(default=list)
    next_step = models.JSONField(default=dict)  # {"kind", "business_days", "counts_from"}
    is_contact = models.BooleanField(default=False)
    is_right_party = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="outcome_type_once")
        ]
        ordering: ClassVar = ["position", "id"]


class Outcome(AppendOnlyModel):
    """A typified outcome. What was said sits in `OutcomeDetail`, which may be erased. An undo is a row that voids."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    portfolio_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    type_key = models.CharField(max_length=60)
    channel = models.CharField(
        max_length=10, blank=True
    )  # empty: just a note, nobody was called or written to
    is_inbound = models.BooleanField(default=False)
    is_contact = models.BooleanField()
    is_right_party = models.BooleanField()
    on = models.DateField()
    at = models.DateTimeField()
    seconds = models.PositiveIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)  # null: the debtor or the system
    voids_id = models.BigIntegerField(null=True, unique=True)
    client_id = models.CharField(max_length=60)  # made by the browser: the same click counts once
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "client_id"], name="outcome_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["case_id", "-at"], name="outcome_of_case"),
            models.Index(fields=["organisation", "on", "user_id"], name="outcome_by_day"),
        ]


class OutcomeDetail(MutableModel):
    """The personal part of an outcome: who answered, what was said, the estimated date."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    outcome_id = models.BigIntegerField(unique=True)
    person = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    effects = models.JSONField(default=dict)  # what it made and what was before, so that it can be undone
    objects = ScopedQuerySet.as_manager()
