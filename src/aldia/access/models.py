"""Tables of the room: organisations, staff, teams, audit."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.access.permissions import Role
from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import CurrencyField, KeyField
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class Organisation(MutableModel):
    """A tenant. A sandbox organisation has its own persisted clock (`sandbox_on`) and nothing of it leaves the machine."""

    key = KeyField(unique=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    locale = models.CharField(max_length=10, default="es_AR")  # regional formats, Babel's spelling
    language = models.CharField(max_length=10, default="es")
    timezone = models.CharField(max_length=40, default="America/Argentina/Buenos_Aires")
    currency = CurrencyField()
    is_sandbox = models.BooleanField(default=True)
    sandbox_on = models.DateField(null=True, blank=True)
    asked_on = models.DateField(null=True, blank=True)  # the day that somebody asked the sandbox to live next
    is_paused = models.BooleanField(default=False)  # «detener todo»: nothing is sent while set
    settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A member of the staff of one or more organisations."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    language = models.CharField(max_length=10, default="es")
    theme = models.CharField(
        max_length=5, default="auto", choices=[("auto", "auto"), ("light", "light"), ("dark", "dark")]
    )
    has_shortcuts = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    is_mutable: ClassVar[bool] = True

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name


class TeamKind(models.TextChoices):
    OWN = "own", _("Equipo propio")
    AGENCY = "agency", _("Agencia de cobranza")
    LAWYER = "lawyer", _("Estudio jurídico")
    INSURER = "insurer", _("Aseguradora")


class Team(MutableModel):
    """People who share cases. One from outside has an owner in the house, who answers for what is placed with it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="teams")
    key = KeyField()
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=TeamKind.choices, default=TeamKind.OWN)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    commission_hundredths = models.PositiveIntegerField(
        default=0
    )  # of what is recovered, in hundredths of a percent
    silent_days = models.PositiveSmallIntegerField(default=7)  # without activity for longer, an alarm
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="team_key_once"),
            models.CheckConstraint(
                name="outside_team_has_an_owner",
                condition=models.Q(kind=TeamKind.OWN) | models.Q(owner__isnull=False),
            ),
        ]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(MutableModel):
    """What a user is in an organisation. An absent member's work goes to the stand-in until the day of return."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=15, choices=Role.choices)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="memberships"
    )
    creditor = models.ForeignKey(  # of whom one from outside sees the portfolios
        "ledger.Creditor", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    has_digest = models.BooleanField(default=True)
    digest_hour = models.PositiveSmallIntegerField(default=8)  # of the organisation's own day
    digest_on = models.DateField(null=True, blank=True)  # the last day whose digest was told
    capacity = models.PositiveIntegerField(default=100)  # weight when cases are shared out
    absent_from_on = models.DateField(null=True, blank=True)
    absent_until_on = models.DateField(null=True, blank=True)  # half-open: the first day back
    stand_in = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "user"], name="member_once"),
            models.CheckConstraint(
                name="absence_has_both_ends",
                condition=models.Q(absent_from_on__isnull=True, absent_until_on__isnull=True)
                | models.Q(absent_from_on__lt=models.F("absent_until_on")),
            ),
        ]

    def is_away(self, on: date) -> bool:
        """Return whether the member is absent on a day."""
        if self.absent_from_on is None or self.absent_until_on is None:
            return False
        return self.absent_from_on <= on < self.absent_until_on


class OrganisationHoliday(MutableModel):
    """A day on which this organisation does not contact anybody, beside the country's own."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="holidays")
    on = models.DateField()
    name = models.CharField(max_length=100)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "on"], name="holiday_once")]
        ordering: ClassVar = ["on"]


class Notification(MutableModel):
    """A line under the bell of one user: an alarm, a finished load, the digest of the morning.

    `title` and `body` are as they were first told; where `phrases` has them, they are said again to whoever reads.
    """

    GLUES: ClassVar = {"title": " · ", "body": "\n"}

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = KeyField()
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    phrases = models.JSONField(default=dict)  # title and body -> their phrases; a free text has none
    url = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120)  # the same news is told once
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="news_told_once")]
        indexes: ClassVar = [
            models.Index(fields=["user", "read_at", "-created_at"], name="notification_of_user")
        ]


class SavedView(MutableModel):
    """A list's query kept by name; the query is the URL itself."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )  # null: everybody's
    screen = KeyField()
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    position = models.PositiveIntegerField(default=0)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "id"]


class AuditEvent(AppendOnlyModel):
    """What somebody did. Ids as text, no foreign keys: nothing blocks an erasure, no personal data inside."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)  # user:12, system, debtor:991, link:7
    verb = models.CharField(max_length=60)  # room.object.verb
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-id"], name="audit_newest"),
            models.Index(fields=["organisation", "object_type", "object_id"], name="audit_of_object"),
        ]


class AuditSeal(AppendOnlyModel):
    """One link of the chain: the hash over a batch of events and the previous seal."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    first_event = models.BigIntegerField()
    last_event = models.BigIntegerField()
    events = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "previous_hash"], name="seal_chain_does_not_fork")
        ]


class AuditCheck(AppendOnlyModel):
    """The chain was derived again up to a seal and was whole: a screen need not look before it."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    checked_at = models.DateTimeField()
    sealed_to = models.BigIntegerField()
    events = models.BigIntegerField()  # sealed since the beginning
    hash = models.CharField(max_length=64)
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "sealed_to"], name="chain_checked_once")
        ]


class ApiToken(MutableModel):
    """What another system signs in with. Only the digest is kept; `start` tells one from another on a screen."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    start = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    permissions = models.JSONField(default=list)
    creditor_ids = models.JSONField(null=True)  # null: of every creditor
    portfolio_ids = models.JSONField(null=True)  # null: every portfolio
    agency = models.ForeignKey(
        Team, null=True, on_delete=models.PROTECT, related_name="+"
    )  # only what was placed with it
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-made_at", "-id"]


class ApiAnswer(MutableModel):
    """What was answered to a writing call with this key: the same call again gets the same answer and does nothing."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+", db_index=False)
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=120)
    asked = models.CharField(max_length=64)  # digest of the call
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    made_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="api_answer_once")]
        indexes: ClassVar = [models.Index(fields=["made_at"], name="api_answer_age")]


class SentForm(MutableModel):
    """A form of a screen that somebody sent and that was done: sent again it does nothing, and leads where the first one led."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=40)
    led_to = models.CharField(max_length=500, blank=True)  # empty: it went on in its own place
    sent_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="sent_form_once")]
        indexes: ClassVar = [models.Index(fields=["sent_at"], name="sent_form_age")]
