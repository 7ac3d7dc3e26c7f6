"""Tables of the room: orders, messages, attempts, templates, links and the proof of every decision to contact or not."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.contact.calls.models import PhoneCall, Recording  # noqa: F401 - Django looks for tables here
from aldia.contact.house.models import OwnRule, OwnRuleEnd  # noqa: F401 - Django looks for tables here
from aldia.contact.inbound.models import Arrival, CallbackDoor, InboundFile, Reply  # noqa: F401 - Django looks for tables here
from aldia.contact.texts import title_of
from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import KeyField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class Template(MutableModel):
    """One version of a text: `{variable}` only, from the closed list of its kind. A published version never changes."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    channel = models.CharField(max_length=10)
    language = models.CharField(max_length=10)
    treatment = models.CharField(max_length=5, default="tu")
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    state = models.CharField(
        max_length=10,
        choices=[("DRAFT", _("Borrador")), ("PUBLISHED", _("Publicada")), ("RETIRED", _("Retirada"))],
        default="DRAFT",
    )
    written_by = models.CharField(max_length=60)
    published_by = models.CharField(max_length=60, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "key", "channel", "language", "treatment", "version"],
                name="template_version_once",
            )
        ]

    @property
    def title(self) -> str:
        """The name, in the reader's language when it is one of ours."""
        return title_of(self.key, self.name)


class ChannelSetting(MutableModel):
    """Which provider serves a channel, and whether it may leave the machine."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10)
    provider = KeyField(default="sandbox")
    is_live = models.BooleanField(default=False)
    is_paused = models.BooleanField(default=False)
    sender = models.CharField(max_length=200, blank=True)  # e-mail: From
    config = models.JSONField(
        default=dict, blank=True
    )  # the server, its password sealed; `senders` by creditor
    failures = models.PositiveIntegerField(db_default=0)  # in a row; the channel rests after some
    rests_until_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, db_default="", blank=True)
    per_minute = models.PositiveIntegerField(
        null=True, blank=True
    )  # the most that leave; None: as fast as they go
    next_at = models.DateTimeField(null=True, blank=True)  # the next free place of a slowed channel
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "channel"], name="channel_setting_once")
        ]


HOUSE = ("", "sandbox", "smtp")  # providers that have no name of their own for a message


class OrderState(models.TextChoices):
    QUEUED = "queued", _("En cola")
    SENDING = "sending", _("Enviando")
    SENT = "sent", _("Enviado")
    FAILED = "failed", _("Falló")
    UNKNOWN = "unknown", _("Sin confirmar")
    WITHHELD = "withheld", _("Retenido")
    CANCELLED = "cancelled", _("Anulado")


class Order(MutableModel):
    """The outbox: one notice to one person. `identity` makes it unique for ever; the fencing token makes it leave once."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    creditor_id = models.BigIntegerField()
    portfolio_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    identity = models.CharField(max_length=200)  # strategy:step:subject:cycle:attempt, or manual:<client id>
    channel = models.CharField(max_length=10)
    contact_point_id = models.BigIntegerField(null=True)
    template_key = KeyField()
    document_ids = models.JSONField(default=list)
    has_statement = models.BooleanField(default=True)
    has_documents = models.BooleanField(default=False)
    extra = models.JSONField(default=dict, blank=True)  # free text of a manual send, promise id …
    origin = models.CharField(max_length=60)  # run:12, user:3
    purpose = models.CharField(
        max_length=12, default="collection"
    )  # collection, service (receipt), requested
    priority = models.PositiveSmallIntegerField(default=50)
    as_of = models.DateField()  # business day it was decided on
    not_before_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.QUEUED)
    reason = models.CharField(max_length=60, blank=True)  # why withheld, failed, cancelled
    reason_args = models.JSONField(default=dict, blank=True)
    token = models.PositiveIntegerField(default=0)  # fencing: each claim raises it
    leased_until_at = models.DateTimeField(null=True, blank=True)
    provider = models.CharField(max_length=30, blank=True)
    provider_reference = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "identity"], name="order_identity_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["not_before_at", "priority"], name="order_due", condition=models.Q(state="queued")
            ),
            models.Index(
                fields=["leased_until_at"], name="order_leased", condition=models.Q(state="sending")
            ),
            models.Index(fields=["organisation", "state"], name="order_by_state"),
            models.Index(fields=["case_id", "-id"], name="order_of_case"),
            models.Index(fields=["organisation", "origin"], name="order_of_origin"),
            models.Index(
                fields=["provider_reference"],
                name="order_by_provider_name",
                condition=~models.Q(provider__in=HOUSE),
            ),
        ]

    @property
    def has_papers(self) -> bool:
        """Whether files are made to go with it: by WhatsApp only when a person sends it, since a text for many has none."""
        if self.channel == "whatsapp":
            return self.has_statement and self.origin.startswith("user:")
        return self.channel == "letter" or (
            self.channel == "email" and (self.has_statement or self.has_documents)
        )


class Brake(MutableModel):
    """A campaign (one step of one strategy) that somebody holds: paused, or leaving so many a minute. No row: it runs freely."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    campaign = models.CharField(max_length=140)  # strategy:step, as the identity of its orders begins
    per_minute = models.PositiveIntegerField(null=True)  # None: paused
    next_at = models.DateTimeField(null=True)  # the next free place of a slowed campaign
    reason = models.CharField(max_length=200)
    placed_by = models.CharField(max_length=60)
    placed_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "campaign"], name="brake_once")
        ]


class Message(MutableModel):
    """What left, exactly: kept beside the order. In sandbox it is what the mailbox of the desk shows. Erasable."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="message")
    channel = models.CharField(max_length=10)
    recipient = models.CharField(max_length=250)
    sender = models.CharField(max_length=200)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list)  # [{name, sha256, size, content_type}]
    reference = models.CharField(max_length=40, unique=True)  # Message-ID token; the debtor's check code
    is_sandbox = models.BooleanField()
    sent_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "-id"], name="message_newest")]


class StaffMail(MutableModel):
    """A mail to somebody who works here (the digest of the morning). No debtor, no law, no budget; once per key for ever."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    user_id = models.BigIntegerField()
    key = models.CharField(max_length=120)  # digest:2026-11-24
    recipient = models.CharField(max_length=250)
    sender = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.QUEUED)
    detail = models.CharField(max_length=300, blank=True)
    is_sandbox = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    not_before_at = (
        models.DateTimeField()
    )  # moves when the server asks to try later, and when a worker takes it
    sent_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "user_id", "key"], name="staff_mail_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "not_before_at"], name="staff_mail_due"),
            models.Index(fields=["organisation", "-id"], name="staff_mail_newest"),
        ]


class Attempt(AppendOnlyModel):
    """One try to hand an order to a provider, and what came of it."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    order_id = models.BigIntegerField(db_index=True)
    token = models.PositiveIntegerField()
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=OrderState.choices)
    detail = models.CharField(max_length=300, blank=True)
    objects = ScopedAppendOnlyQuerySet.as_manager()


class DeliveryEvent(AppendOnlyModel):
    """What a provider told us later: delivered, read, bounced, clicked. Deduplicated for ever by its own id."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    order_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    event_id = models.CharField(max_length=120)
    detail = models.CharField(max_length=300, blank=True)
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "event_id"], name="delivery_event_once")
        ]


class Touch(AppendOnlyModel):
    """One attempt to reach a person by any channel, by machine or by hand: what caps count and the law looks at."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    creditor_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    channel = models.CharField(max_length=10)
    is_inbound = models.BooleanField(default=False)
    is_contact = models.BooleanField(default=False)  # somebody was reached
    is_right_party = models.BooleanField(default=False)
    at = models.DateTimeField()
    local_on = models.DateField()  # the debtor's own calendar day
    origin = models.CharField(max_length=60)  # order:12, outcome:9, portal
    actor = models.CharField(max_length=60)
    is_rehearsal = models.BooleanField(
        db_default=False
    )  # a message that stayed in the sandbox: nobody was reached
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "local_on"], name="touch_by_day"),
            models.Index(fields=["party_id", "-local_on"], name="touch_of_party"),
            models.Index(fields=["case_id", "-at"], name="touch_of_case"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "origin"], name="touch_origin_once")
        ]


class GateProof(AppendOnlyModel):
    """Why a contact was made or withheld: the rules looked at, the local time, the answer."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    order_id = models.BigIntegerField(null=True, db_index=True)
    party_id = models.BigIntegerField()
    case_id = models.BigIntegerField(db_index=True)
    channel = models.CharField(max_length=10)
    at = models.DateTimeField()
    local_time = models.CharField(max_length=40)  # with zone
    is_allowed = models.BooleanField()
    rules_version = models.CharField(max_length=40)
    reasons = models.JSONField(default=list)
    inputs = models.JSONField(default=dict)
    objects = ScopedAppendOnlyQuerySet.as_manager()


class DebtorLink(MutableModel):
    """The debtor's way in: only the hash of its token is kept; it expires and can be revoked."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case_id = models.BigIntegerField(db_index=True)
    party_id = models.BigIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    origin = models.CharField(max_length=60)  # order:12, user:3
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()


class Verification(MutableModel):
    """Tries to prove who opened a link: a code sent to a known point, or digits of the document. Limited and short-lived."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    link = models.ForeignKey(DebtorLink, on_delete=models.CASCADE, related_name="verifications")
    code_hash = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()


class WebhookEndpoint(MutableModel):
    """The system of the organisation that is told what strategies ask of it: one address, one secret."""

    organisation = models.OneToOneField("access.Organisation", on_delete=models.CASCADE, related_name="+")
    url = models.URLField(max_length=500)
    secret = models.TextField()  # sealed
    is_on = models.BooleanField(default=True)
    objects = ScopedQuerySet.as_manager()


class CallState(models.TextChoices):
    QUEUED = "queued", _("Por salir")
    DELIVERED = "delivered", _("Entregado")
    FAILED = "failed", _("No se pudo entregar")
    SIMULATED = "simulated", _("Ensayo: no salió")
    CANCELLED = "cancelled", _("Anulado")


class WebhookCall(MutableModel):
    """One thing to tell the organisation's system, at least once: the same identity, told again, is the same thing."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    identity = models.CharField(max_length=220)
    event = models.CharField(max_length=80)  # service.suspend, service.restore, or one of the strategy's own
    about = models.CharField(max_length=60, blank=True)  # which service
    case_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=CallState.choices, default=CallState.QUEUED)
    tries = models.PositiveSmallIntegerField(db_default=0)
    next_at = models.DateTimeField()
    answer = models.CharField(max_length=300, db_default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "identity"], name="webhook_call_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="webhook_due", condition=models.Q(state="queued")),
            models.Index(fields=["organisation", "event", "case_id"], name="webhook_of_case"),
        ]
