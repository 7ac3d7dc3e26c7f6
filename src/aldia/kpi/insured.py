"""What credit insurance covers of each client's debt, what it does not, and until when each default may be declared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.domain.insurance import CreditInsurance, read_insurance
from aldia.domain.money import exponent_of
from aldia.ledger import facts as ledger
from aldia.ledger import selectors as ledger_read

SETTING: Final = "insurance"
SOON_DAYS: Final = 15


@dataclass(frozen=True)
class Insured:
    """A client of an insured portfolio who is late or owes beyond the limit. `declare_by`: empty while nothing is overdue.
    Amounts in minor units of `currency`."""

    case_id: int
    debtor: str
    currency: str
    owed_minor: int
    insured_minor: int
    over_minor: int
    uninsured_minor: int
    declare_by: date | None
    days_left: int | None

    @property
    def is_lost(self) -> bool:
        """Whether the time to declare is over."""
        return self.days_left is not None and self.days_left < 0

    @property
    def is_soon(self) -> bool:
        """Whether the time to declare is almost over."""
        return self.days_left is not None and 0 <= self.days_left <= SOON_DAYS


def contracts(actor: Actor) -> dict[int, CreditInsurance]:
    """Return the contract of each insured portfolio, by its id."""
    found = {
        row.pk: read_insurance(row.settings.get(SETTING, {}), exponent=exponent_of(row.currency))
        for row in ledger_read.portfolios(actor)
    }
    return {portfolio_id: contract for portfolio_id, contract in found.items() if contract}


def insured(actor: Actor, *, as_of: date) -> list[Insured]:
    """Return the clients that ask for attention, who must be declared first at the top. Debts in another currency than the
    portfolio's are outside the contract. Raises NotAllowed."""
    actor.check(Permission.SEE_TEAM)
    covered = contracts(actor)
    if not covered:
        return []
    own = {row.pk: row.currency for row in ledger_read.portfolios(actor)}
    frame = ledger.document_frame(actor.organisation_id, as_of=as_of).filter(
        pl.col("portfolio_id").is_in(list(covered))
        & (
            pl.col("currency")
            == pl.col("portfolio_id").replace_strict(own, default=None, return_dtype=pl.String)
        )
    )
    owing = frame.group_by("case_id", "portfolio_id", "currency").agg(
        owed=pl.col("open_minor").sum(),
        oldest=pl.col("due_on").filter((pl.col("due_on") < as_of) & (pl.col("open_minor") > 0)).min(),
    )  # fmt: skip
    ids = owing["case_id"].to_list()
    names = dict(cases.scope(actor).filter(pk__in=ids).values_list("pk", "debtor_name"))
    rows = [
        _told(covered[row["portfolio_id"]], row, names[row["case_id"]], as_of)
        for row in owing.iter_rows(named=True)
        if row["case_id"] in names
    ]
    waiting = [row for row in rows if row.declare_by or row.over_minor]
    return sorted(waiting, key=lambda row: (row.declare_by or date.max, -row.uninsured_minor, row.case_id))


def _told(contract: CreditInsurance, row: dict[str, Any], debtor: str, as_of: date) -> Insured:
    owed: int = row["owed"]
    by = contract.declare_by(row["oldest"]) if row["oldest"] else None
    return Insured(
        row["case_id"], debtor, row["currency"], owed, contract.insured(owed),
        max(owed - contract.limit_minor, 0), contract.uninsured(owed), by, (by - as_of).days if by else None,
    )  # fmt: skip
