"""What may be negotiated, what was proposed to whom, and that it was accepted."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet
from aldia.outcomes.models.promises import Plan


class NegotiationPolicy(MutableModel):
    """A policy of negotiation: for a portfolio, a segment of it, or the whole house. What it allows is in its versions."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    name = models.CharField(max_length=120)
    portfolio = models.ForeignKey(
        "ledger.Portfolio", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )  # null: every portfolio
    segment_key = models.CharField(max_length=60, blank=True)  # empty: every client
    is_active = models.BooleanField(default=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="negotiation_policy_once")
        ]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class NegotiationVersion(AppendOnlyModel):
    """What a policy allows since an instant, as `domain.negotiation.to_data` writes it. The newest rules."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    policy_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    rules = models.JSONField()
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy_id", "number"], name="negotiation_version_once")
        ]


class AgreementState(models.TextChoices):
    APPROVAL = "approval", _("Espera autorización")
    OFFERED = "offered", _("Ofrecido")
    ACTIVE = "active", _("Vigente")
    FULFILLED = "fulfilled", _("Cumplido")
    FALLEN = "fallen", _("Caído")
    REFUSED = "refused", _("No autorizado")
    EXPIRED = "expired", _("Venció sin respuesta")
    WITHDRAWN = "withdrawn", _("Retirado")


class Agreement(MutableModel):
    """What was proposed to a client, under which policy, and what came of it. Once accepted its lines are a `Plan`.

    `total_minor` is debt less discount plus interest. `covers` are the documents it is about and `discounts` what is
    forgiven by component; both in minor units.
    """

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    version_id = models.BigIntegerField()  # of the policy
    currency = CurrencyField()
    covers = models.JSONField(default=list)  # [[document id, open minor], …]
    discounts = models.JSONField(default=dict)
    debt_minor = MinorField()
    discount_minor = MinorField()
    interest_minor = MinorField()
    total_minor = MinorField()
    lines = models.JSONField(default=list)  # [[number, due on, minor], …]
    every = models.CharField(max_length=10)
    grace_days = models.PositiveSmallIntegerField(default=0)
    falls_after = models.PositiveSmallIntegerField(default=1)
    discount_when = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=AgreementState.choices)
    needs = models.CharField(max_length=20, blank=True)  # the role that may approve it
    text = models.TextField(blank=True)  # what the client accepts, in the client's language
    valid_until_on = models.DateField()
    proposed_by = models.CharField(max_length=60)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # asked for, refused or withdrawn because
    evidence = models.TextField(blank=True)  # how it was accepted, when it was not on the page
    file = models.ForeignKey(
        "ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # the accepted text as a paper
    plan = models.OneToOneField(
        Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="agreement"
    )
    discount_posting_id = models.BigIntegerField(null=True, blank=True)
    interest_document_id = models.BigIntegerField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="agreement_adds_up",
                condition=models.Q(
                    total_minor=models.F("debt_minor")
                    - models.F("discount_minor")
                    + models.F("interest_minor")
                ),
            ),
            models.UniqueConstraint(
                fields=["case"],
                name="one_agreement_at_a_time",
                condition=models.Q(state__in=["approval", "offered", "active"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "-proposed_at"], name="agreement_by_state"),
        ]


class Acceptance(AppendOnlyModel):
    """That a client accepted a text: its hash, when, how and from where. `signature` seals the row; nobody's name is in it."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    agreement_id = models.BigIntegerField(unique=True)
    version = models.CharField(max_length=64)  # SHA-256 of the text
    how = models.CharField(max_length=10)  # portal, phone
    by = models.CharField(max_length=60)
    link_id = models.BigIntegerField(null=True)
    address_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    signature = models.CharField(max_length=64)
    objects = ScopedAppendOnlyQuerySet.as_manager()
