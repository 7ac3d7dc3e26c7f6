"""Tables of what comes in: the doors where providers call, what came exactly as it came, and what people wrote."""

from typing import ClassVar

from django.db import models

from aldia.db.append_only import MutableModel
from aldia.db.fields import KeyField
from aldia.db.scoping import ScopedQuerySet


class CallbackDoor(MutableModel):
    """Where a provider calls back: looked up by the hash of its token; the token itself is kept sealed, to show it again."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10)
    provider = KeyField()
    token_hash = models.CharField(max_length=64, unique=True)
    token = models.TextField()
    created_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "channel"], name="callback_door_once")
        ]


class Arrival(MutableModel):
    """What came in, exactly as it came: a call of a provider, or a mail. Kept before it is read; the same bytes count once."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=10)
    provider = KeyField()
    fingerprint = models.CharField(max_length=64)
    url = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    body = models.BinaryField()
    state = models.CharField(max_length=10, default="kept")  # kept, done, refused
    detail = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "fingerprint"], name="arrival_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="arrival_kept", condition=models.Q(state="kept"))
        ]


class Reply(MutableModel):
    """What a person wrote to us, once for ever by its own id. Erasable. Without a case it waits among the unidentified."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    event_id = models.CharField(max_length=120)
    arrival_id = models.BigIntegerField()
    channel = models.CharField(max_length=10)
    sender = models.CharField(max_length=250)
    name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField()
    media = models.JSONField(default=list, blank=True)  # what came with it: audio/ogg, image/jpeg
    case_id = models.BigIntegerField(null=True)
    order_id = models.BigIntegerField(null=True)
    matched_by = models.CharField(max_length=12, blank=True)  # token, message, address, person
    suggestion = models.CharField(max_length=20, blank=True)  # what it seems to say: `domain.replies`
    is_open = models.BooleanField(default=True)
    received_at = models.DateTimeField()
    answered_by = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "event_id"], name="reply_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "-id"], name="reply_waiting", condition=models.Q(is_open=True)
            ),
            models.Index(fields=["case_id", "-id"], name="reply_of_case"),
        ]


class InboundFile(MutableModel):
    """A file that came with a reply. It is named by its provider, fetched soon after, and kept by its content or refused."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="files", db_index=False)
    number = models.PositiveSmallIntegerField()
    provider = KeyField()
    media = models.CharField(max_length=200)  # the provider's name of it
    name = models.CharField(max_length=200, blank=True)
    told_kind = models.CharField(max_length=100)
    kind = models.CharField(max_length=100, blank=True)  # what its bytes show
    state = models.CharField(max_length=10, default="waiting")  # waiting, kept, refused
    reason = models.CharField(max_length=20, blank=True)
    file_id = models.BigIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # null: at once
    settled_at = models.DateTimeField(null=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reply", "number"], name="inbound_file_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="inbound_file_waiting", condition=models.Q(state="waiting"))
        ]
