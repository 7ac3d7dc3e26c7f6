"""Whether clients stay after they are collected: of those who paid an invoice late, and of those who paid in time, how many bought
again. Only invoices speak: the instalments of a loan are all written on its first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from aldia.access.permissions import Permission
from aldia.domain.quality import LEAST
from aldia.kpi.rows import in_scope
from aldia.ledger.lives import invoiced_frame, invoices_paid_frame

if TYPE_CHECKING:
    from aldia.access.actors import Actor
    from aldia.kpi.dashboard import DashboardQuery

WITHIN: Final = 90  # days that a client has to buy again
LOOKED_AT: Final = 90  # days of payments, those that ended WITHIN before the period's last day


@dataclass(frozen=True)
class Stay:
    """Clients who paid, late (collected) or in time, and how many were invoiced again within WITHIN days of it."""

    clients: int
    again: int

    @property
    def lost_percent(self) -> int | None:
        """Churn: those not invoiced again / clients, percent, half up; None with fewer than quality.LEAST clients."""
        if self.clients < LEAST:
            return None
        return (200 * (self.clients - self.again) + self.clients) // (2 * self.clients)


@dataclass(frozen=True)
class Retention:
    """Both groups, side by side."""

    collected: Stay
    in_time: Stay


def retention(actor: Actor, query: DashboardQuery) -> Retention:
    """Return who stayed after paying late, beside who paid in time. Raises NotAllowed.

    The last payment of each client counts, of those made in the LOOKED_AT days that ended WITHIN days before the period's end:
    everybody had the same time to come back.
    """
    actor.check(Permission.SEE_TEAM)
    end = query.last_on + timedelta(days=1)
    paid_until = end - timedelta(days=WITHIN)
    paid_from = paid_until - timedelta(days=LOOKED_AT)
    paid = in_scope(invoices_paid_frame(actor.organisation_id, from_on=paid_from, to_on=paid_until), query)
    bought = invoiced_frame(actor.organisation_id, from_on=paid_from, to_on=end)
    later = paid.join(bought, on="account_id", suffix="_again").filter(
        (pl.col("on_again") > pl.col("on")) & (pl.col("on_again") <= pl.col("on") + pl.duration(days=WITHIN))
    )
    told = paid.with_columns(
        is_late=pl.col("on") > pl.col("due_on"),
        has_come=pl.col("account_id").is_in(later["account_id"].unique().to_list()),
    )
    late, in_time = told.filter(pl.col("is_late")), told.filter(~pl.col("is_late"))
    return Retention(_stay(late), _stay(in_time))


def _stay(rows: pl.DataFrame) -> Stay:
    return Stay(rows.height, int(rows["has_come"].sum()))
