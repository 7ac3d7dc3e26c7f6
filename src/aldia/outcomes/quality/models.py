"""Tables of treatment: opinions of clients, criteria of quality, and reviews with the agent's answer."""

from typing import ClassVar

from django.db import models

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class Opinion(MutableModel):
    """What a client says of how he was treated, from 1 to 5, once for each act. An anonymous one names no case."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    mark = models.CharField(max_length=64)  # keyed digest of the act: once each, without saying whose
    kind = models.CharField(max_length=10)  # promise, dispute, answer (to a dispute), payment, chat, link
    portfolio_id = models.BigIntegerField()
    case_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)  # who had spoken last with the client
    score = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300, blank=True)
    on = models.DateField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "mark"], name="opinion_once")
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "on"], name="opinion_by_day")]


class QualityForm(AppendOnlyModel):
    """The criteria with which work is reviewed; the newest version counts, and a review keeps its own."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    criteria = models.JSONField()  # [{"key", "label", "weight"}]
    written_by = models.CharField(max_length=60)
    written_at = models.DateTimeField()
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "version"], name="quality_form_once")
        ]


class QualityReview(MutableModel):
    """One conversation as a supervisor found it, and what its agent answers."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    outcome_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    portfolio_id = models.BigIntegerField()
    user_id = models.BigIntegerField()  # the agent
    on = models.DateField()  # of the conversation
    form_version = models.PositiveIntegerField()  # 0: the criteria that ship with aldia
    marks = models.JSONField()
    score = models.PositiveSmallIntegerField()  # percent
    comment = models.TextField(blank=True)
    reviewed_by_id = models.BigIntegerField()
    reviewed_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "outcome_id"], name="review_once")
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "user_id", "on"], name="review_of_agent")]
