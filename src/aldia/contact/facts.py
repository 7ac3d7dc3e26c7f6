"""Set-based reads: touches and orders for the budget, the outbox for the activity of a day."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import polars as pl

from aldia.cases.facts import through_cases
from aldia.contact.models import ChannelSetting, Order, OrderState
from aldia.db.frames import read_frame
from aldia.db.known import Known
from aldia.db.memory import remembered
from aldia.db.partitions import Partition, within
from aldia.db.prepared import prepared
from aldia.engine import reach

TOUCH_SCHEMA: dict[str, Any] = {
    "party_id": pl.Int64, "case_id": pl.Int64, "creditor_id": pl.Int64, "channel": pl.String, "on": pl.Date,
    "is_contact": pl.Boolean, "is_right_party": pl.Boolean, "is_inbound": pl.Boolean, "is_order": pl.Boolean,
}  # fmt: skip
_HAPPENED = "AND (NOT t.is_rehearsal OR (SELECT h.is_sandbox FROM access_organisation AS h WHERE h.id = %s))"  # real once live


def touch_frame(
    organisation_id: int, *, since_on: date, partition: Partition | None = None, known: Known | None = None
) -> pl.DataFrame:
    """Return the touches from a day on, and as touches the orders queued or leaving now: they will use the budget too.

    A message that left counts as a contact: whether it reached the person is not known. As `known` then, when given.
    """
    happened, waiting, at, orders_at = "", "t.state IN ('queued', 'sending')", [], []
    if known is not None:
        happened, at = "AND t.at <= %s", [known.instant]
        waiting = "t.created_at <= %s AND t.origin <> %s AND (t.finished_at IS NULL OR t.finished_at > %s)"
        orders_at = [known.instant, known.origin, known.instant]
    mine, people = within("t.party_id", partition)
    source, where, params = through_cases("contact_order", organisation_id, partition)
    sql = f"""
        SELECT t.party_id, t.case_id, t.creditor_id, t.channel, t.local_on, t.is_contact, t.is_right_party, t.is_inbound,
               t.origin LIKE 'order:%%'
        FROM contact_touch AS t WHERE t.organisation_id = %s AND t.local_on >= %s {_HAPPENED} {mine} {happened}
        UNION ALL
        SELECT t.party_id, t.case_id, t.creditor_id, t.channel, t.as_of, TRUE, FALSE, FALSE, TRUE
        FROM {source}
        WHERE {where} AND {waiting} AND t.purpose = 'collection'
    """
    told = [organisation_id, since_on, organisation_id, *people, *at, *params, *orders_at]
    frame = read_frame(sql, told, TOUCH_SCHEMA)
    return frame.with_columns(is_contact=pl.col("is_contact") | pl.col("is_order"))


def reached_frame(
    organisation_id: int, *, as_of: date, partition: Partition | None = None, known: Known | None = None
) -> pl.DataFrame:
    """Return, of each person tried within a year, how many tries by each channel there were and how many reached them.

    Columns: party_id, tries_<channel>, reached_<channel>; whatever the case or the creditor. As `known` then, when given.
    """
    happened, at = ("", []) if known is None else ("AND t.at <= %s", [known.instant])
    mine, people = within("t.party_id", partition)
    sql = f"""
        SELECT t.party_id, t.channel, t.at, t.is_inbound, t.is_right_party
        FROM contact_touch AS t WHERE t.organisation_id = %s AND t.local_on > %s {_HAPPENED} {mine} {happened}
    """
    since = as_of - timedelta(days=reach.HISTORY_DAYS)
    return reach.tallies(
        read_frame(sql, [organisation_id, since, organisation_id, *people, *at], reach.TOUCHES)
    )


def activity_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return the messages that the machine sent in [from_on, to_on): portfolio_id, on, channel, attempts."""
    sql = f"""
        SELECT o.portfolio_id, t.local_on, t.channel, COUNT(*)
        FROM contact_touch AS t JOIN contact_order AS o ON t.origin = 'order:' || CAST(o.id AS text)
        WHERE t.organisation_id = %s AND o.organisation_id = %s AND t.local_on >= %s AND t.local_on < %s {_HAPPENED}
        GROUP BY o.portfolio_id, t.local_on, t.channel
    """
    schema = {"portfolio_id": pl.Int64, "on": pl.Date, "channel": pl.String, "attempts": pl.Int64}
    return read_frame(sql, [organisation_id, organisation_id, from_on, to_on, organisation_id], schema)


def failed_identities(
    organisation_id: int, *, partition: Partition | None = None, known: Known | None = None
) -> pl.DataFrame:
    """Return the identities of orders whose delivery failed for good (as `known` then): a strategy may try another channel."""
    source, where, params = through_cases("contact_order", organisation_id, partition)
    by_then, at = ("", []) if known is None else (" AND t.finished_at <= %s", [known.instant])
    sql = f"SELECT t.identity FROM {source} WHERE {where} AND t.state = 'failed'{by_then}"
    return read_frame(sql, [*params, *at], {"identity": pl.String})


@remembered
def closed_channels(organisation_id: int) -> frozenset[str]:
    """Return the channels by which a live organisation cannot write, since they are not switched on; none in sandbox.

    The telephone is never one of them: people call by hand, with an exchange or without.
    """
    return frozenset(_closed_channels(organisation_id))


@prepared
def _closed_channels(organisation_id: int) -> Any:
    rows = ChannelSetting.objects.of(organisation_id).filter(is_live=False, organisation__is_sandbox=False)
    return rows.exclude(channel="call").values_list("channel", flat=True)


def known_identities(organisation_id: int, identities: Collection[str]) -> set[str]:
    """Return which of these few identities the outbox has already."""
    return set(
        Order.objects.of(organisation_id).filter(identity__in=identities).values_list("identity", flat=True)
    )


def queued_cases(organisation_id: int, *, case_ids: Collection[int] | None = None) -> set[int]:
    """Return the cases (of these few) with collection orders that have not begun to leave."""
    rows = Order.objects.of(organisation_id).filter(state=OrderState.QUEUED, purpose="collection")
    if case_ids is not None:
        rows = rows.filter(case_id__in=case_ids)
    return set(rows.values_list("case_id", flat=True))
