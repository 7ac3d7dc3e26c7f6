"""What became of the orders of some nights, set by set: what left, what providers told, who looked and who answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from aldia.contact.inbound.models import Reply
from aldia.contact.models import Brake, DebtorLink, DeliveryEvent, Order, Touch
from aldia.db.frames import read_queryset

_ORDERS: Final[dict[str, Any]] = {
    "id": pl.Int64, "case_id": pl.Int64, "identity": pl.String, "channel": pl.String, "state": pl.String,
    "reason": pl.String, "as_of": pl.Date,
}  # fmt: skip
_LOST: Final = ("failed", "bounced", "complaint")


def campaign_orders(organisation_id: int, origins: Sequence[str]) -> pl.DataFrame:
    """Return the orders of some origins (`run:12`), one a row: order_id, case_id, campaign (`strategy:step`), channel, state,
    reason, as_of; and of those that left, has_arrived, was_read, was_answered, was_lost.

    Read: the provider says so, or its link was opened. Answered: a reply to it, or the person wrote or acted in the portal.
    """
    rows = Order.objects.of(organisation_id).filter(origin__in=origins)
    orders = read_queryset(rows, _ORDERS).rename({"id": "order_id"})
    parts = pl.col("identity").str.splitn(":", 3)
    campaign = pl.concat_str(parts.struct.field("field_0"), parts.struct.field("field_1"), separator=":")
    told, left = _told(organisation_id, rows), pl.col("state") == "sent"
    opened = _of_links(organisation_id, rows)
    answered = pl.col("order_id").is_in(_replied(organisation_id, rows).implode())
    flagged = orders.with_columns(campaign=campaign).drop("identity").join(told, on="order_id", how="left")
    return flagged.with_columns(
        was_read=left & (pl.col("is_read").fill_null(False) | pl.col("order_id").is_in(opened.implode())),
        was_answered=left & (answered | _acted(organisation_id, orders)),
        was_lost=left & pl.col("is_lost").fill_null(False),
    ).with_columns(
        has_arrived=left & (pl.col("is_told").fill_null(False) | pl.col("was_read")) & ~pl.col("was_lost")
    ).drop("is_told", "is_read", "is_lost")  # fmt: skip


def has_orders(organisation_id: int, origin: str) -> bool:
    """Return whether something was left to send by an origin."""
    return bool(Order.objects.of(organisation_id).filter(origin=origin).exists())


def brakes(organisation_id: int) -> dict[str, Brake]:
    """Return the campaigns that somebody holds."""
    return {row.campaign: row for row in Brake.objects.of(organisation_id)}


def _told(organisation_id: int, orders: Any) -> pl.DataFrame:
    """What providers said of each order, the words joined as the lattice of deliveries does."""
    rows = DeliveryEvent.objects.of(organisation_id).filter(order_id__in=orders.values("pk"))
    events = read_queryset(rows, {"order_id": pl.Int64, "kind": pl.String})
    kinds = events.group_by("order_id").agg(pl.col("kind"))
    has = {kind: pl.col("kind").list.contains(kind) for kind in ("delivered", "read", *_LOST)}
    arrived = has["delivered"] | has["read"]
    return kinds.select(
        "order_id", is_told=arrived, is_read=has["read"],
        is_lost=has["bounced"] | has["complaint"] | (has["failed"] & ~arrived),
    )  # fmt: skip


def _of_links(organisation_id: int, orders: Any) -> pl.Series:
    """The orders whose link somebody opened."""
    rows = DebtorLink.objects.of(organisation_id).filter(
        case_id__in=orders.values("case_id"), opened_at__isnull=False, origin__startswith="order:"
    )
    opened = read_queryset(rows, {"origin": pl.String})
    return opened["origin"].str.strip_prefix("order:").cast(pl.Int64, strict=False)


def _replied(organisation_id: int, orders: Any) -> pl.Series:
    rows = Reply.objects.of(organisation_id).filter(order_id__in=orders.values("pk"))
    return read_queryset(rows, {"order_id": pl.Int64})["order_id"]


def _acted(organisation_id: int, orders: pl.DataFrame) -> pl.Expr:
    """Whether the person of an order came to us by any way within the days in which an answer is put to it."""
    first: date | None = orders["as_of"].min()  # type: ignore[assignment]
    if first is None:
        return pl.lit(False)
    rows = Touch.objects.of(organisation_id).filter(local_on__gte=first, is_inbound=True)
    came = read_queryset(rows, {"case_id": pl.Int64, "local_on": pl.Date})
    return within_days(orders, came.rename({"local_on": "on"}))


DAYS_TO_ANSWER: Final = 7
"""An answer or a payment of the case is put to a notice for so many days from its own day on. Ours: it tells no cause."""


def within_days(orders: pl.DataFrame, happened: pl.DataFrame) -> pl.Expr:
    """Return the condition on `order_id` that something (case_id, on) happened on the order's day or within DAYS_TO_ANSWER."""
    days = (pl.col("on") - pl.col("as_of")).dt.total_days()
    met = orders.join(happened, on="case_id").filter(days.is_between(0, DAYS_TO_ANSWER))
    return pl.col("order_id").is_in(met["order_id"].unique().implode())
