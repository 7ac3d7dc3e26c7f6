"""What somebody asks of a load, and what it answers: the same for a screen, a command and a test."""

from collections.abc import Mapping as MappingType
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from aldia.domain.money import Rounding
from aldia.intake.checking.options import LoadOptions

MOST_PROBLEMS = 200
CONSUMER_DEBTS = frozenset(
    {
        "consumer",
        "credit_card",
        "consumer_credit",
        "public_utility",
        "all_consumer",
        "non_financial_credit",
        "financial",
    }
)


@dataclass(frozen=True)
class LoadRequest:
    """A file and how to take it. Names of creditor, portfolio and source may be new: they are made on the way."""

    kind: str = "documents"
    creditor: str = ""
    portfolio: str = ""
    currency: str = ""
    country: str = ""
    debt_kind: str = ""
    strategy: str = ""
    rounding: str = ""
    as_of: date | None = None
    is_full_refresh: bool = False
    is_strict: bool = False
    date_order: str = ""
    decimal: str = ""
    mapping: dict[str, Any] | None = None
    creditor_tax_id: str = ""  # who issues electronic documents, where the creditor has none yet
    payment_days: int | None = None  # from the issue of an electronic document without a due date

    def options(self, *, currency: str, country: str) -> LoadOptions:
        """Return the options of the checks, with what the portfolio and the organisation already say."""
        return LoadOptions(
            currency=self.currency or currency or None,
            country=self.country or country or None,
            round=Rounding(self.rounding) if self.rounding else None,
            as_of=self.as_of,
            date_order=self.date_order or None,
            decimal=self.decimal or None,
        )

    @property
    def debtor_kind(self) -> str:
        """Return who owes, as far as the kind of debt tells: consumer, business, or nothing (the strictest reading)."""
        if self.debt_kind in CONSUMER_DEBTS:
            return "consumer"
        return "business" if self.debt_kind == "commercial" else ""

    def as_data(self) -> dict[str, Any]:
        """Return the request as it is kept with the load."""
        return {**asdict(self), "as_of": self.as_of.isoformat() if self.as_of else None}

    @classmethod
    def from_data(cls, data: MappingType[str, Any]) -> "LoadRequest":
        """Return the request that `as_data` kept."""
        as_of = data.get("as_of")
        return cls(**{**data, "as_of": date.fromisoformat(as_of) if as_of else None})


@dataclass(frozen=True)
class LoadResult:
    """What a load did, or would do: a dry run gives the same as its commit."""

    rows: int
    new: int
    changed: int
    same: int
    rejected: int
    receipts: int
    settled: int = 0
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    problems_total: int = 0
    load_id: int | None = None
    is_refused: bool = False
    contacts: "LoadResult | None" = None  # what the file of contacts that came with it brought

    @classmethod
    def refused(cls, problem: dict[str, Any]) -> "LoadResult":
        """Return the result of a file that could not be taken at all, for this one reason."""
        return cls(0, 0, 0, 0, 0, 0, problems=[problem], problems_total=1, is_refused=True)

    def as_data(self) -> dict[str, Any]:
        """Return the answer of the command contract, with at most 200 problems."""
        told = {
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "same": self.same,
            "rejected": self.rejected,
            "receipts": self.receipts,
            "settled_outside": self.settled,
            "totals": self.totals,
            "problems": self.problems[:MOST_PROBLEMS],
            "problems_total": self.problems_total,
            "load": self.load_id,
        }
        return told if self.contacts is None else {**told, "contacts": self.contacts.as_data()}
