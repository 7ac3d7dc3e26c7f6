"""Tables of the room: the conversation of a case, what was answered to each message, and replies saved to be used again."""

from typing import ClassVar

from django.db import models

from aldia.db.append_only import MutableModel
from aldia.db.scoping import ScopedQuerySet


class Conversation(MutableModel):
    """The conversation of one case on all its channels: where the dialogue is, and who holds it."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    state = models.JSONField(default=dict, blank=True)  # `domain.chat.talk.State`
    proven = models.JSONField(default=dict, blank=True)  # channel: until when its visitor is known
    link_id = models.BigIntegerField(null=True)  # counts the tries to show who writes by telephone
    file_id = models.BigIntegerField(null=True)  # the proof of a payment that is being told
    is_held = models.BooleanField(default=False)  # a person goes on: the bot is silent
    why = models.CharField(max_length=20, blank=True)
    held_by_id = models.BigIntegerField(null=True)  # None: nobody took it yet
    held_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "case_id"], name="conversation_once")
        ]


class Exchange(MutableModel):
    """What was answered to one message, by the bot or by a person, and what was done for it. Once per message. Erasable."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="exchanges")
    reply_id = models.BigIntegerField(null=True)  # what the bot answered; None for what a person wrote
    author = models.CharField(max_length=60)  # bot, or user:3
    channel = models.CharField(max_length=10)
    said = models.JSONField(default=list)  # the texts of the answer, in order
    acts = models.JSONField(default=list)  # promise, dispute, payment, plan, stop, hand_over:asked …
    is_known = models.BooleanField(default=False)  # whether who wrote had shown who they are
    at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "reply_id"], name="exchange_once")
        ]
        indexes: ClassVar = [models.Index(fields=["conversation", "-id"], name="exchange_newest")]


class SavedReply(MutableModel):
    """A text that a team writes often, by the name that it is found by."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=80)
    text = models.TextField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "name"], name="saved_reply_once")
        ]
