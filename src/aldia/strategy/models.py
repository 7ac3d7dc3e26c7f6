"""Tables of the room: segments, strategies with their versions, runs, decisions, policies."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.fields import KeyField
from aldia.db.partitions import EVERYBODY
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class Segment(MutableModel):
    """A named condition in the rule language."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    name = models.CharField(max_length=120)
    rule = models.TextField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="segment_key_once")
        ]


class SegmentMember(MutableModel):
    """A stay of a case in a segment: from the day it was first seen there, to the first day that it was not."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members", db_index=False)
    case_id = models.BigIntegerField()
    entered_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "case_id", "entered_on"], name="stay_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["segment", "case_id"], name="segment_now", condition=models.Q(left_on=None))
        ]


class SegmentSize(MutableModel):
    """How many cases a segment had at the end of a night."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="sizes", db_index=False)
    on = models.DateField()
    cases = models.PositiveIntegerField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["segment", "on"], name="segment_size_once")]


class Strategy(MutableModel):
    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    name = models.CharField(max_length=120)
    draft = models.JSONField(default=dict, blank=True)
    proposed = models.JSONField(
        null=True, blank=True
    )  # waits for a second person where the house asks for one
    proposed_by = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="strategy_key_once")
        ]


class StrategyVersion(AppendOnlyModel):
    """A published text. It never changes; a correction is the next number, and sends nothing twice."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    strategy_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    document = models.JSONField()
    effective_on = models.DateField()
    published_by = models.CharField(max_length=60)
    published_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["strategy_id", "number"], name="strategy_version_once")
        ]


class RunState(models.TextChoices):
    RUNNING = "running", _("En curso")
    DONE = "done", _("Terminada")
    CANCELLED = "cancelled", _("Cancelada")
    FAILED = "failed", _("Falló")
    INTRADAY = "intraday", _("Durante el día")  # no night: what the events of a day left, one row a day


class Run(MutableModel):
    """One night's decisions for one organisation, in partitions of people."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    report = models.JSONField(default=dict)
    is_rehearsal = models.BooleanField(db_default=False)  # lived in the sandbox: a live day does not count it
    started_by = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "-as_of", "-id"], name="run_newest")]


class RunPartition(MutableModel):
    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="partitions")
    number = models.PositiveSmallIntegerField()
    first_party = models.BigIntegerField(default=EVERYBODY[0])
    last_party = models.BigIntegerField(default=EVERYBODY[1])
    is_done = models.BooleanField(default=False)
    counts = models.JSONField(default=dict)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "number"], name="partition_once")]


class Decision(AppendOnlyModel):
    """What the strategy decided for a case or document: taken, withheld (when it begins or its reason changes) or missed.

    The identity of an act is (strategy, step, subject, cycle, attempt); it is taken once for ever.
    """

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    run_id = models.BigIntegerField()
    on = models.DateField()
    case_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    strategy_key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    step = models.CharField(max_length=70)  # key of the step, or stage:<key>
    subject_kind = models.CharField(max_length=8)  # case, document
    subject_id = models.BigIntegerField()
    cycle = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1)
    anchor_on = models.DateField(null=True)  # the anchor's date then: a step comes again for a new promise
    act = models.CharField(
        max_length=200, blank=True
    )  # identity of the order, task or alarm that it left; several share one
    action = models.CharField(max_length=10)  # notice, task, stage, alarm
    channel = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10)  # taken, withheld, missed
    reason = models.CharField(max_length=60, blank=True)
    reason_args = models.JSONField(default=dict)
    is_rehearsal = models.BooleanField(
        db_default=False
    )  # decided in the sandbox: going live begins with none of them
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=[
                    "strategy_key",
                    "step",
                    "subject_id",
                    "cycle",
                    "attempt",
                    "subject_kind",
                    "organisation",
                    "is_rehearsal",
                ],
                condition=models.Q(state="taken"),
                name="act_taken_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["case_id", "-on"], name="decision_of_case"),
            models.Index(fields=["organisation", "on"], name="decision_by_day"),
        ]


class PolicyDocument(MutableModel):
    """A policy or collection plan: owner, version, date from which it holds, and its text."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(
        max_length=10, choices=[("policy", _("Política")), ("plan", _("Plan de cobranza"))]
    )
    key = KeyField()
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=150)
    body = models.TextField()
    owner = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    portfolio = models.ForeignKey(
        "ledger.Portfolio", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    effective_on = models.DateField()
    parts = models.JSONField(default=dict, blank=True)  # of a plan, as `plan_parts` pins them
    written_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "key", "version"], name="policy_version_once"
            )
        ]
        ordering: ClassVar = ["title", "-version"]


class SimulationState(models.TextChoices):
    ASKED = "asked", _("En espera")
    DONE = "done", _("Lista")
    REFUSED = "refused", _("No se pudo")


class SimulationAsked(MutableModel):
    """One or two strategies to be lived forward; the worker answers. `result` is `Simulation.to_json`, or `refused` says why not."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    first_key = KeyField()
    second_key = KeyField(blank=True)
    days = models.PositiveSmallIntegerField()
    as_of = models.DateField()
    state = models.CharField(max_length=10, choices=SimulationState.choices, default=SimulationState.ASKED)
    result = models.JSONField(default=dict, blank=True)
    refused = models.TextField(blank=True)
    asked_by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-id"], name="simulation_newest"),
            models.Index(
                fields=["organisation"], name="simulation_waiting", condition=models.Q(state="asked")
            ),
        ]


class Experiment(MutableModel):
    """Two ways of working side by side, and a control that gets neither: people are dealt by a stable hash of the key.

    A person enters on the first day in arrears since `starts_on`, and counts `horizon_days` later: paid by then, or not.
    """

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    name = models.CharField(max_length=120)
    strategy_key = KeyField()  # the champion
    # Without a challenger of its own, both ways are steps of the champion that ask for `experiment_arm`.
    challenger_key = KeyField(blank=True, default="")
    portfolio_ids = models.JSONField()  # what the champion worked when it began, whatever works it later
    shares = models.JSONField()  # {"champion": 50, "challenger": 50, "control": 0}: parts of a hundred
    base_percent = models.PositiveSmallIntegerField()  # of people that pay within the horizon today
    effect_points = models.PositiveSmallIntegerField()  # the least difference worth knowing, in points
    alpha_percent = models.PositiveSmallIntegerField(default=5)
    power_percent = models.PositiveSmallIntegerField(default=80)
    size = models.PositiveIntegerField()  # people that each arm needs
    amounts = models.JSONField(null=True, blank=True)  # `brought.Amounts`; none: only who pays is compared
    horizon_days = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    stopped_on = models.DateField(null=True, blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    started_by = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="experiment_key_once"),
            models.UniqueConstraint(
                fields=["organisation"], name="one_experiment_at_a_time", condition=models.Q(stopped_on=None)
            ),
        ]


class CaseChance(MutableModel):
    """How likely a case is to pay soon, as of its last night, and what was known of it then: the reasons of its worth."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case_id = models.BigIntegerField(primary_key=True)
    chance_permille = models.PositiveSmallIntegerField()
    known = models.JSONField()  # the facts of the scorecard, by name
    objects = ScopedQuerySet.as_manager()


class OwnFact(MutableModel):
    """A column of the files, declared as a fact: from then on rules may name it, as they name those of the vocabulary."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()  # as rules write it, with its prefix
    column = models.CharField(max_length=200)  # as the file titles it
    grain = models.CharField(
        max_length=8, choices=[("case", _("del cliente")), ("document", _("de cada documento"))]
    )
    type = models.CharField(max_length=5)  # of `engine.vocabulary.TYPES`
    unit = models.CharField(max_length=12, blank=True)
    label = models.JSONField()  # {"es": …, "en": …, "pt": …}
    decimal = models.CharField(max_length=1, default=",")  # how the column writes its numbers
    is_month_first = models.BooleanField(default=False)  # and its dates, when they are not ISO
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="own_fact_key_once")
        ]
