"""Tables: what became of each telephone call, and its recording."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import MutableModel
from aldia.db.scoping import ScopedQuerySet
from aldia.domain.calls import CallResult, CallState, Line


class PhoneCall(MutableModel):
    """One telephone call. Its order is the intent and says what the law counts; here is what the exchange told. Erasable."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    order = models.OneToOneField("contact.Order", on_delete=models.CASCADE, related_name="call")
    case_id = models.BigIntegerField()
    portfolio_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)  # who talks; null: the machine does
    reference = models.CharField(max_length=32, unique=True)  # names what is of it in the exchange
    number = models.CharField(max_length=40)
    extension = models.CharField(max_length=40, blank=True)
    is_sandbox = models.BooleanField()
    is_recorded = models.BooleanField(default=False)  # it was to be; `noticed_at` says whether both knew
    state = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in CallState], default=CallState.ASKED
    )
    result = models.CharField(
        max_length=12, choices=[(each.value, each.value) for each in CallResult], blank=True
    )
    cause = models.PositiveSmallIntegerField(default=0)  # ITU-T Q.850
    detail = models.CharField(max_length=300, blank=True)
    on = models.DateField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(default=0)  # talked
    outcome_id = models.BigIntegerField(null=True)
    menu = models.JSONField(
        default=dict, blank=True
    )  # of an automatic call: where its keypad is, what was said
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case_id", "-id"], name="call_of_case"),
            models.Index(fields=["organisation", "on", "user_id"], name="call_by_day"),
            models.Index(
                fields=["organisation", "user_id"], name="call_alive", condition=~models.Q(state="ended")
            ),
        ]
        verbose_name = _("Llamada")

    def locked(self) -> Self:
        """Return this call as it is now, with its order, locked. Ask within a transaction."""
        rows = type(self).objects.of(self.organisation_id).select_related("order")
        fresh: Self = rows.select_for_update(of=("self",)).get(pk=self.pk)
        return fresh

    @property
    def line(self) -> Line:
        """The call as the machine of `domain.calls` knows it."""
        result = CallResult(self.result) if self.result else None
        return Line(
            CallState(self.state), result, self.cause, self.answered_at, self.noticed_at, self.ended_at
        )

    @line.setter
    def line(self, line: Line) -> None:
        self.state, self.result, self.cause, self.seconds = (
            line.state,
            line.result or "",
            line.cause,
            line.seconds,
        )
        self.answered_at, self.noticed_at, self.ended_at = line.answered_at, line.noticed_at, line.ended_at


class Recording(MutableModel):
    """What was said in a call, sealed, in a file of its own. After its day the file goes; the row says that there was one."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    call = models.OneToOneField(PhoneCall, on_delete=models.CASCADE, related_name="recording")
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()  # bytes, before sealing
    sha256 = models.CharField(max_length=64)  # of the sealed file
    kept_at = models.DateTimeField()
    expires_on = models.DateField()
    deleted_at = models.DateTimeField(null=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "expires_on"],
                name="recording_due",
                condition=models.Q(deleted_at__isnull=True),
            )
        ]
