"""Tables of the room: what came of a contact, what was committed, what is pending and with whom."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField, MinorField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet
from aldia.outcomes.quality.models import Opinion, QualityForm, QualityReview  # noqa: F401 - Django looks for tables here


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


class PromiseState(models.TextChoices):
    OPEN = "open", _("Vigente")
    KEPT = "kept", _("Cumplida")
    PARTIAL = "partial", _("Parcial")
    BROKEN = "broken", _("No cumplida")
    CANCELLED = "cancelled", _("Anulada")


class Plan(MutableModel):
    """A payment plan: its instalments are promises that share it."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    currency = CurrencyField()
    total_minor = MinorField()
    instalments = models.PositiveSmallIntegerField()
    falls_after = models.PositiveSmallIntegerField(default=1, db_default=1)  # instalments missed that end it
    already_minor = MinorField(db_default=0)  # money of its first day that came before it was made
    state = models.CharField(max_length=10, choices=PromiseState.choices, default=PromiseState.OPEN)
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()


class Promise(MutableModel):
    """A promise to pay: amount and date, with tolerance and grace. The journal decides whether it was kept."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="promises")
    currency = CurrencyField()
    amount_minor = MinorField()
    due_on = models.DateField()
    tolerance_minor = MinorField()
    grace_days = models.PositiveSmallIntegerField(default=0)
    means = models.CharField(max_length=20, blank=True)  # transfer, cheque, link, cash
    state = models.CharField(max_length=10, choices=PromiseState.choices, default=PromiseState.OPEN)
    kept_minor = MinorField()
    made_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)  # user:3, debtor
    outcome_id = models.BigIntegerField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="promise_is_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="decided_promise_has_a_date",
                condition=models.Q(state="open") | models.Q(decided_on__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-made_at"], name="promise_of_case"),
            models.Index(fields=["organisation", "state", "due_on"], name="promise_due"),
        ]


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


class DisputeState(models.TextChoices):
    OPEN = "open", _("Abierta")
    ACCEPTED = "accepted", _("Tenía razón")
    REJECTED = "rejected", _("Se mantiene la deuda")
    CANCELLED = "cancelled", _("Anulada")


class Dispute(MutableModel):
    """A disagreement with an owner in the department that can answer it, and a deadline."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    document_ids = models.JSONField(default=list)  # empty: the whole debt
    reason = KeyField()  # price, quantity, not_received, service, paid, not_mine, other
    description = models.TextField(blank=True)
    department = models.CharField(max_length=60)  # sales, logistics, billing …
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deadline_on = models.DateField()
    state = models.CharField(max_length=10, choices=DisputeState.choices, default=DisputeState.OPEN)
    answer = models.TextField(blank=True)
    file = models.ForeignKey(
        "ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_by = models.CharField(max_length=60)
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "deadline_on"], name="dispute_deadline"),
        ]


class TaskState(models.TextChoices):
    OPEN = "open", _("Pendiente")
    DONE = "done", _("Hecha")
    CANCELLED = "cancelled", _("Anulada")


class Task(MutableModel):
    """Something a person has to do on a case: call, visit, review. Always a date; an owner or a team."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    case = models.ForeignKey(  # checking it row by row costs a tenth of the night
        "cases.Case", models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    kind = KeyField()  # call, visit, review, follow_up, and the kinds of next step of `domain.outcomes`
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # null: who holds the case
    priority = models.PositiveSmallIntegerField(default=50)
    identity = models.CharField(max_length=200)  # strategy:step:subject:cycle:attempt, or manual:<client id>
    origin = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    outcome_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "identity"], name="task_identity_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "owner", "due_on"],
                name="task_of_owner",
                condition=models.Q(state="open"),
            ),
            models.Index(fields=["case", "state"], name="task_of_case"),
        ]


class Alarm(MutableModel):
    """Something that nobody should have to look for. Raised once per key, resolved by itself when its cause goes."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", db_constraint=False)  # as tasks
    kind = KeyField()
    key = models.CharField(max_length=200)  # kind:subject:date of the cause
    on = models.DateField()
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    data = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10,
        choices=[("open", _("Abierta")), ("seen", _("Vista")), ("resolved", _("Resuelta"))],
        default="open",
    )
    postponed_until_on = models.DateField(null=True, blank=True)  # it rings again on that day
    # why it was postponed or given to somebody else
    note = models.CharField(max_length=200, blank=True, db_default="")
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "key"], name="alarm_once")]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "kind", "-on"], name="alarm_inbox")
        ]
