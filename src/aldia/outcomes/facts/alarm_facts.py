"""What the rules of alarms read, for every case at once: only the cases that some rule may concern come out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from aldia.access.actors import system
from aldia.cases import selectors as cases
from aldia.db.frames import read_queryset
from aldia.domain.alarms import AlarmFacts, Dated, Thresholds
from aldia.ledger import facts as ledger
from aldia.outcomes.models import Dispute, DisputeState, Promise, PromiseState, Task, TaskState

_FAILED: Final = (PromiseState.BROKEN.value, PromiseState.PARTIAL.value)
_CHEQUE: Final = "cheque"


@dataclass(frozen=True, slots=True)
class AlarmInputs:
    """The facts by case, and who answers for each subject (`dispute:7` -> user) and for each case."""

    facts: Iterable[AlarmFacts]
    owner_of_subject: dict[str, int] = field(default_factory=dict)
    holder_of_case: dict[int, int] = field(default_factory=dict)


def alarm_inputs(organisation_id: int, *, as_of: date, limits: Thresholds, timezone: str) -> AlarmInputs:
    """Return the facts of the cases that may deserve an alarm that day. `timezone` turns contacts into days.

    Necessary conditions only are looked at here; `domain.alarms.due_alarms` decides.
    """
    heads = _heads(organisation_id, timezone)
    things = _Things(defaultdict(lambda: defaultdict(list)), {})
    overdue = dict(
        heads.filter(pl.col("overdue_since").is_not_null()).select("case_id", "overdue_since").iter_rows()
    )
    _promises(organisation_id, as_of, limits, overdue, things)
    _disputes_and_tasks(organisation_id, as_of, things)
    _documents(organisation_id, as_of, limits, things)
    silent = heads.filter(
        (pl.lit(as_of) - pl.max_horizontal("overdue_since", "last_contact_on")).dt.total_days() >= limits.no_contact_days,
        pl.col("overdue_since").is_not_null(),
    )["case_id"]  # fmt: skip
    concerned = heads.filter(pl.col("case_id").is_in([*silent.to_list(), *things.by_case])).sort("case_id")
    facts = (  # made one by one: together they would be more than all that they are made from
        AlarmFacts(
            str(case_id),
            since,
            contact,
            **{name: tuple(dated) for name, dated in things.by_case.get(case_id, {}).items()},
        )
        for case_id, since, contact in concerned.select(
            "case_id", "overdue_since", "last_contact_on"
        ).iter_rows()
    )
    holders = concerned.filter(pl.col("holder_id").is_not_null()).select("case_id", "holder_id")
    return AlarmInputs(facts, things.owners, dict(holders.iter_rows()))


@dataclass(frozen=True, slots=True)
class _Things:
    by_case: dict[int, dict[str, list[Dated]]]
    owners: dict[str, int]

    def add(self, case_id: int, name: str, thing: Dated) -> None:
        self.by_case[case_id][name].append(thing)


def _heads(organisation_id: int, timezone: str) -> pl.DataFrame:
    schema: dict[str, Any] = {
        "account_id": pl.Int64, "holder_id": pl.Int64, "arrears_since_on": pl.Date, "oldest_due_on": pl.Date,
        "last_contact_at": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    rows = cases.scope(system(organisation_id)).filter(is_open=True)
    since = pl.when(pl.col("oldest_due_on").is_not_null()).then(
        pl.coalesce("arrears_since_on", "oldest_due_on")
    )
    return read_queryset(rows, schema).select(
        pl.col("account_id").alias("case_id"), "holder_id", overdue_since=since,
        last_contact_on=pl.col("last_contact_at").dt.convert_time_zone(timezone).dt.date(),
    )  # fmt: skip


def _promises(
    organisation_id: int, as_of: date, limits: Thresholds, overdue: dict[int, date], things: _Things
) -> None:
    """Open ones that are near; and the last one of a case when it failed, nothing was promised since and the debt is there."""
    rows = Promise.objects.of(organisation_id)
    near = rows.filter(
        state=PromiseState.OPEN, due_on__range=(as_of, as_of + timedelta(days=limits.promise_days_ahead))
    )
    for promise in near:
        things.add(promise.case_id, "open_promises", _dated(promise))
    promised = set(rows.filter(state=PromiseState.OPEN).values_list("case_id", flat=True))
    last: dict[int, Promise] = {}
    for promise in (
        rows.filter(decided_on__isnull=False)
        .exclude(state=PromiseState.CANCELLED)
        .order_by("decided_on", "pk")
    ):
        last[promise.case_id] = promise
    for case_id, promise in last.items():
        if promise.state in _FAILED and case_id in overdue and case_id not in promised:
            things.add(
                case_id, "missed_instalments" if promise.plan_id else "broken_promises", _dated(promise)
            )


def _dated(promise: Promise) -> Dated:
    return Dated(f"promise:{promise.pk}", promise.due_on, promise.amount_minor, promise.currency)


def _disputes_and_tasks(organisation_id: int, as_of: date, things: _Things) -> None:
    disputes = Dispute.objects.of(organisation_id).filter(state=DisputeState.OPEN, deadline_on__lt=as_of)
    tasks = Task.objects.of(organisation_id).filter(state=TaskState.OPEN, due_on__lt=as_of)
    for name, kind, rows in (("disputes", "dispute", disputes.values_list("pk", "case_id", "deadline_on", "owner_id")),
                             ("tasks", "task", tasks.values_list("pk", "case_id", "due_on", "owner_id"))):  # fmt: skip
        for pk, case_id, on, owner_id in rows.order_by("pk"):
            things.add(case_id, name, Dated(f"{kind}:{pk}", on))
            if owner_id is not None:
                things.owners[f"{kind}:{pk}"] = owner_id


def _documents(organisation_id: int, as_of: date, limits: Thresholds, things: _Things) -> None:
    cheques_to = limits.calendar.add_business_days(as_of, limits.cheque_business_days_ahead)
    prescribing_to = as_of + timedelta(days=limits.prescription_days_ahead)
    issued_from = as_of - timedelta(days=limits.new_debt_days)
    frame = ledger.notable_documents(
        organisation_id,
        as_of=as_of,
        cheques_to=cheques_to,
        prescribing_to=prescribing_to,
        issued_from=issued_from,
    ).filter(pl.col("open_minor") > 0)
    large = pl.lit(False)
    for currency, least in limits.large_debt_minor.items():
        large = large | ((pl.col("currency") == currency) & (pl.col("open_minor") >= least))
    cheques = frame.filter(pl.col("kind") == _CHEQUE, pl.col("due_on") <= cheques_to)
    ageing = frame.filter(pl.col("prescribes_on") <= prescribing_to)
    new = frame.filter(large, pl.col("issued_on") >= issued_from)
    for name, on, rows in (
        ("cheques", "due_on", cheques),
        ("documents", "prescribes_on", ageing),
        ("new_debts", "issued_on", new),
    ):
        columns = rows.select("case_id", "document_id", on, "open_minor", "currency")
        for case_id, document_id, day, minor, currency in columns.iter_rows():
            things.add(case_id, name, Dated(f"document:{document_id}", day, minor, currency))
