"""Tables of payment online: how a creditor is paid, each payment from its intent to its receipt, and what gateways told."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import MutableModel
from aldia.db.fields import CurrencyField, MinorField
from aldia.db.scoping import ScopedQuerySet


class PayMethod(MutableModel):
    """A gateway of a creditor (of all of them without one), or the account for transfers. Secrets in `config` are sealed."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    creditor = models.ForeignKey(
        "ledger.Creditor", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    provider = models.CharField(max_length=20)
    config = models.JSONField(default=dict, blank=True)
    currencies = models.JSONField(default=list, blank=True)
    least_minor = models.BigIntegerField(default=0)  # a smaller part is not taken
    is_test = models.BooleanField(default=True)
    is_on = models.BooleanField(default=False)
    token = models.CharField(max_length=40, unique=True)  # of its address for notices and returns
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "creditor", "provider"], name="pay_method_once"),
            models.UniqueConstraint(
                fields=["organisation", "provider"],
                name="pay_method_of_all_once",
                condition=models.Q(creditor__isnull=True),
            ),
        ]


class IntentState(models.TextChoices):
    CREATED = "created", _("Por empezar")
    STARTED = "started", _("En la pasarela")
    REFUSED = "refused", _("Rechazado")
    EXPIRED = "expired", _("Sin terminar")
    PAID = "paid", _("Pagado")
    REFUNDED = "refunded", _("Devuelto")
    CHARGED_BACK = "charged_back", _("Desconocido por el pagador")


class PayIntent(MutableModel):
    """Somebody wants to pay: written before any gateway hears of it. Its state only climbs, whatever comes in which order."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    method = models.ForeignKey(PayMethod, on_delete=models.PROTECT, related_name="intents")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=26, unique=True)  # Webpay takes no longer order
    currency = CurrencyField()
    amount_minor = MinorField()
    document_ids = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=12, choices=IntentState.choices, default=IntentState.CREATED)
    provider_id = models.CharField(max_length=120, blank=True)
    back = models.TextField(blank=True)  # sealed: the page of the link to come back to
    problem = models.CharField(max_length=300, blank=True)
    receipt = models.ForeignKey(
        "payments.Receipt", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)  # when the gateway was last asked, in real time
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="intent_is_positive", condition=models.Q(amount_minor__gt=0)),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "created_at"],
                name="intent_open",
                condition=models.Q(state__in=["created", "started"]),
            ),
            models.Index(fields=["method", "-id"], name="intent_newest"),
        ]


class PayNotice(MutableModel):
    """What a gateway told, exactly as it came, kept before it is read."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    method = models.ForeignKey(PayMethod, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    query = models.JSONField(default=dict)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(
        max_length=8,
        choices=[("kept", _("Por leer")), ("done", _("Leído"))],
        default="kept",
    )
    detail = models.CharField(max_length=300, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["method", "fingerprint"], name="pay_notice_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="pay_notice_to_read", condition=models.Q(state="kept"))
        ]
