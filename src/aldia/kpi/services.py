"""Writes of the room: the roll-ups of a day, rebuilt whole each time from the rows behind them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction

from aldia.access.actors import Actor
from aldia.cases.facts import partitions
from aldia.contact import facts as contact
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.kpi.cuts import DayOfCuts
from aldia.kpi.digest import send_digest
from aldia.kpi.models import ActivityDay, CutDay, PortfolioDay, PromiseDay
from aldia.kpi.rolls import keep_rolls
from aldia.kpi.targets import BadTarget, Goal, set_target
from aldia.ledger import facts as ledger
from aldia.outcomes import facts as outcomes

__all__ = ["BadTarget", "Goal", "rebuild", "send_digest", "set_target", "snapshot"]

MOVEMENT_DAYS = 430  # as far back as a countback may have to read, and as late as a payment may arrive
_NOT_DUE = DEFAULT_BUCKETS.rows[0].key
_PLACE = ("portfolio_id", "currency")
_KEY = [*_PLACE, "on"]


def snapshot(*, actor: Actor, as_of: date, now: datetime) -> int:
    """Keep the figures of a day and return how many rows they took; the same day again replaces itself.

    The day is kept at dawn, before anybody works: what people did on its eve is kept again, now whole; and on the first of a
    month, where the balances of the month before went.
    """
    organisation_id = actor.organisation_id
    acts = sum(_keep_acts(organisation_id, on) for on in (as_of - timedelta(days=1), as_of))
    rolls = _keep_month_before(organisation_id, as_of)
    return _keep_balances(organisation_id, as_of) + acts + rolls + _keep_movements(organisation_id, as_of)


def _keep_month_before(organisation_id: int, on: date) -> int:
    return keep_rolls(organisation_id, on - timedelta(days=1)) if on.day == 1 else 0


def _keep_balances(organisation_id: int, as_of: date) -> int:
    """Keep what is open on a day, by portfolio, currency and age, and by every cut."""
    cuts = DayOfCuts(organisation_id, as_of)
    days = _portfolio_days(organisation_id, as_of, cuts)
    cells = list(cuts.rows())
    with transaction.atomic():  # reading took longer than any other writer should wait
        for model in (PortfolioDay, CutDay):
            model.objects.of(organisation_id).filter(on=as_of).delete()
        CutDay.objects.bulk_create(cells, batch_size=500)
        return len(PortfolioDay.objects.bulk_create(days))


def _keep_acts(organisation_id: int, on: date) -> int:
    """Keep what people and the machine did on a day, and the promises made or decided that day."""
    tomorrow = on + timedelta(days=1)
    activity = outcomes.activity_frame(organisation_id, from_on=on, to_on=tomorrow)
    machine = contact.activity_frame(organisation_id, from_on=on, to_on=tomorrow)
    promises = outcomes.promise_frame(organisation_id, from_on=on, to_on=tomorrow)
    days = _activity_days(organisation_id, activity, machine)
    promised = _promise_days(organisation_id, promises, on)
    with transaction.atomic():
        for model in (ActivityDay, PromiseDay):
            model.objects.of(organisation_id).filter(on=on).delete()
        return len(ActivityDay.objects.bulk_create(days)) + len(PromiseDay.objects.bulk_create(promised))


def rebuild(*, actor: Actor, from_on: date, to_on: date, now: datetime) -> int:
    """Keep the figures of every day of [from_on, to_on) again; return how many days."""
    days = [from_on + timedelta(days=number) for number in range((to_on - from_on).days)]
    for on in days:
        _keep_balances(actor.organisation_id, on)
        _keep_acts(actor.organisation_id, on)
        _keep_month_before(actor.organisation_id, on)
    if days:
        _keep_movements(actor.organisation_id, days[-1])  # once for all: they reach back over every day
    return len(days)


def _portfolio_days(organisation_id: int, as_of: date, cuts: DayOfCuts) -> list[PortfolioDay]:
    tomorrow = as_of + timedelta(days=1)
    cells, late = _open_on(organisation_id, as_of, cuts)
    cases = _as_map(late)
    billed = _as_map(
        ledger.sales_frame(organisation_id, from_on=as_of, to_on=tomorrow)
        .group_by("portfolio_id", "currency")
        .agg(value=pl.col("gross_minor").sum())
    )
    received = _as_map(
        ledger.cash_frame(organisation_id, from_on=as_of, to_on=tomorrow)
        .group_by("portfolio_id", "currency")
        .agg(value=pl.col("amount_minor").sum())
    )
    buckets: dict[tuple[int, str], dict[str, list[int]]] = {}
    for portfolio_id, currency, bucket, count, open_minor in cells.iter_rows():
        buckets.setdefault((portfolio_id, currency), {})[bucket] = [count, open_minor]
    keys = sorted({*buckets, *billed, *received})
    return [
        _portfolio_day(
            organisation_id, as_of, key, buckets.get(key, {}), billed.get(key, 0), received.get(key, 0), cases
        )
        for key in keys
    ]


def _open_on(organisation_id: int, as_of: date, cuts: DayOfCuts) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is open on a day, by portfolio, currency and bucket; and by portfolio and currency, the cases in arrears.

    The same documents are added to the day's cuts.
    """
    name, _position = ledger.bucket_expressions(DEFAULT_BUCKETS)
    days, cells, late = (pl.lit(as_of) - pl.col("due_on")).dt.total_days(), [], []
    for part in partitions(organisation_id, has_closed=True):
        documents = ledger.document_frame(organisation_id, as_of=as_of, partition=part)
        aged = documents.with_columns(dpd=days).with_columns(bucket=name)
        cuts.add(aged, part)
        cells.append(
            aged.group_by(*_PLACE, "bucket").agg(documents=pl.len(), open_minor=pl.col("open_minor").sum())
        )
        overdue = aged.filter(pl.col("bucket") != _NOT_DUE).group_by(_PLACE)
        late.append(overdue.agg(value=pl.col("case_id").n_unique()))
    whole = pl.concat(cells).group_by(*_PLACE, "bucket").agg(pl.col("documents", "open_minor").sum())
    return whole, pl.concat(late).group_by(_PLACE).agg(pl.col("value").sum())


def _portfolio_day(
    organisation_id: int,
    as_of: date,
    key: tuple[int, str],
    buckets: dict[str, list[int]],
    billed_minor: int,
    received_minor: int,
    cases: dict[tuple[int, str], int],
) -> PortfolioDay:
    portfolio_id, currency = key
    total = sum(open_minor for _documents, open_minor in buckets.values())
    return PortfolioDay(
        organisation_id=organisation_id,
        portfolio_id=portfolio_id,
        currency=currency,
        on=as_of,
        buckets={row.key: buckets.get(row.key, [0, 0]) for row in DEFAULT_BUCKETS.rows},
        total_minor=total,
        overdue_minor=total - buckets.get(_NOT_DUE, [0, 0])[1],
        billed_minor=billed_minor,
        received_minor=received_minor,
        cases_overdue=cases.get(key, 0),
    )


def _movements(organisation_id: int, as_of: date) -> dict[tuple[int, str, date], tuple[int, int]]:
    """(billed, received) by portfolio, currency and day before `as_of`: what is loaded late is dated early."""
    since = as_of - timedelta(days=MOVEMENT_DAYS)
    sales = ledger.sales_frame(organisation_id, from_on=since, to_on=as_of).group_by(_KEY)
    cash = ledger.cash_frame(organisation_id, from_on=since, to_on=as_of)
    both = sales.agg(billed=pl.col("gross_minor").sum()).join(
        cash.rename({"amount_minor": "received"}), on=_KEY, how="full", coalesce=True
    )
    rows = both.select(*_KEY, pl.col("billed").fill_null(0), pl.col("received").fill_null(0)).iter_rows()
    return {
        (portfolio_id, currency, on): (billed, received)
        for portfolio_id, currency, on, billed, received in rows
    }


def _keep_movements(organisation_id: int, as_of: date) -> int:
    """Write the days that are new or changed. A day never lived whole has movements and no buckets."""
    movements = _movements(organisation_id, as_of)
    since = as_of - timedelta(days=MOVEMENT_DAYS)
    known = PortfolioDay.objects.of(organisation_id).filter(on__gte=since, on__lt=as_of)
    kept = {(row.portfolio_id, row.currency, row.on): row for row in known.defer("buckets")}
    changed = []
    for key, row in kept.items():
        found = movements.get(key, (0, 0))
        if (row.billed_minor, row.received_minor) != found:
            row.billed_minor, row.received_minor = found
            changed.append(row)
    PortfolioDay.objects.of(organisation_id).bulk_update(
        changed, ["billed_minor", "received_minor"], batch_size=500
    )
    fresh = [
        PortfolioDay(
            organisation_id=organisation_id, portfolio_id=portfolio_id, currency=currency, on=on, total_minor=0,
            overdue_minor=0, billed_minor=billed, received_minor=received, adjusted_minor=0,
        )
        for (portfolio_id, currency, on), (billed, received) in movements.items()
        if (portfolio_id, currency, on) not in kept
    ]  # fmt: skip
    PortfolioDay.objects.bulk_create(fresh, batch_size=500)
    return len(changed) + len(fresh)


def _activity_days(organisation_id: int, activity: pl.DataFrame, machine: pl.DataFrame) -> list[ActivityDay]:
    """What people logged, with its outcome; and the messages that left by themselves, without any."""
    people = [ActivityDay(organisation_id=organisation_id, **row) for row in activity.iter_rows(named=True)]
    messages = [ActivityDay(organisation_id=organisation_id, **row) for row in machine.iter_rows(named=True)]
    return people + messages


def _promise_days(organisation_id: int, promises: pl.DataFrame, on: date) -> list[PromiseDay]:
    """A promise counts as made on its day, and as fallen due on the day it was decided; open ones are in neither."""
    keys = ("portfolio_id", "currency", "user_id")
    is_decided = (pl.col("decided_on") == on) & pl.col("state").is_in(outcomes.DECIDED)
    is_kept = is_decided & (pl.col("state") == "kept")
    is_made = pl.col("made_on") == on
    rows = promises.group_by(keys).agg(
        made=is_made.sum(),
        made_minor=pl.col("amount_minor").filter(is_made).sum(),
        fallen_due=is_decided.sum(),
        fallen_due_minor=pl.col("amount_minor").filter(is_decided).sum(),
        kept=is_kept.sum(),
        kept_minor=pl.col("kept_minor").filter(is_decided).sum(),
    )
    return [PromiseDay(organisation_id=organisation_id, on=on, **row) for row in rows.iter_rows(named=True)]


def _as_map(frame: pl.DataFrame) -> dict[tuple[int, str], int]:
    rows = frame.select("portfolio_id", "currency", "value").iter_rows()
    return {(portfolio_id, currency): int(value) for portfolio_id, currency, value in rows}
