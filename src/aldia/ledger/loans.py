"""Loans as people read them: what was agreed, what is owed by component, interest of delay as of a day, and what it costs to end.

Everything is derived from the terms and the journal. Interest of delay is what should have run by a day less what was posted of it:
reading it twice, or posting it late, never counts a day twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from aldia.db.pages import Page, paged
from aldia.db.prepared import prepared
from aldia.domain import balances
from aldia.domain.allocation import netted
from aldia.domain.loans import agreement as agreed
from aldia.domain.loans.late_interest import late_on_balances
from aldia.ledger.models import (
    Authority,
    BookAccount,
    Document,
    Leg,
    Loan,
    LoanTerms,
    Portfolio,
    Posting,
    PostingKind,
)
from aldia.ledger.selectors import portfolios

if TYPE_CHECKING:
    from aldia.access.actors import Actor

LATE: Final = (balances.LATE_INTEREST, balances.PENALTY_INTEREST)
_BEARS_NONE: Final = (*LATE, balances.COLLECTION_COST)
_CHARGED: Final = (PostingKind.CHARGE, PostingKind.ADJUSTMENT)
_PAID: Final = (PostingKind.ALLOCATION, PostingKind.REVERSAL)
Parts = dict[str, int]  # minor units by component


class UnknownLoan(LookupError):
    """Raised when there is no such loan in the organisation."""


@dataclass(frozen=True, slots=True)
class InstalmentLine:
    """One instalment: what was charged, paid and is open by component; `late` is interest of delay not posted yet (below 0: too much was)."""

    document_id: int
    number: str
    issued_on: date
    due_on: date
    charged: Parts
    paid: Parts
    open: Parts
    late: Parts = field(default_factory=dict)

    @property
    def charged_minor(self) -> int:
        return sum(self.charged.values())

    @property
    def paid_minor(self) -> int:
        return sum(self.paid.values())

    @property
    def open_minor(self) -> int:
        """What is open in the books; `owed_minor` adds the interest of delay that runs."""
        return sum(self.open.values())

    @property
    def late_minor(self) -> int:
        return sum(self.late.values())

    @property
    def owed_minor(self) -> int:
        return self.open_minor + self.late_minor


@dataclass(frozen=True, slots=True)
class Settlement:
    """What ends a loan on a day: `due` and `late` by component, principal to come, interest run since the last due date with its tax.

    `saved_minor` is what no longer falls due.
    """

    on: date
    due: Parts
    late: Parts
    principal_minor: int
    accrued: Parts
    saved_minor: int

    @property
    def parts(self) -> Parts:
        """Everything by component."""
        total = Counter(self.due)
        for more in (self.late, self.accrued, {balances.PRINCIPAL: self.principal_minor}):
            total.update(more)
        return {component: minor for component, minor in total.items() if minor}

    @property
    def total_minor(self) -> int:
        return sum(self.parts.values())


def lending_portfolios(actor: Actor) -> list[Portfolio]:
    """Return the portfolios that lend: of authority aldia, with a product (`settings["lending"]`), by name."""
    return [
        row for row in portfolios(actor) if row.authority == Authority.ALDIA and "lending" in row.settings
    ]


def loan(actor: Actor, loan_id: int) -> Loan:
    """Return one loan with its account, portfolio and party. Raises UnknownLoan."""
    rows = Loan.objects.of(actor.organisation_id).select_related("account__portfolio", "account__party")
    found: Loan | None = rows.filter(pk=loan_id).first()
    if found is None:
        raise UnknownLoan(_("No hay un préstamo %(id)s en esta organización.") % {"id": loan_id})
    return found


def loans(
    actor: Actor, *, search: str = "", state: str = "", cursor: str | None = None, limit: int = 50
) -> Page[Loan]:
    """Return a page of loans, the newest first, by number or client and by state. Raises BadCursor."""
    rows = Loan.objects.of(actor.organisation_id).select_related("account__portfolio", "account__party")
    if search:
        rows = rows.filter(Q(number__icontains=search) | Q(account__party__name__icontains=search))
    if state:
        rows = rows.filter(state=state)
    return paged(
        rows, by="granted_on", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row
    )


def terms(actor: Actor, loan_id: int) -> list[LoanTerms]:
    """Return every version of the terms, the last first."""
    return list(LoanTerms.objects.of(actor.organisation_id).filter(loan_id=loan_id).order_by("-version"))


def agreement_of(actor: Actor, loan_id: int) -> agreed.Agreement:
    """Return the terms in force."""
    return agreed.from_json(terms(actor, loan_id)[0].agreement)


def owed_by_loan(actor: Actor, loan_rows: Sequence[Loan], as_of: date) -> dict[int, tuple[int, int]]:
    """Return by loan what is open in the books in all, and what of it is overdue on a day (minor units)."""
    of_source = {row.source: row.pk for row in loan_rows}
    documents = Document.objects.of(actor.organisation_id).filter(
        portfolio_id__in={row.account.portfolio_id for row in loan_rows}, source__in=of_source
    )
    found: dict[int, tuple[int, int]] = {}
    sums = documents.values("source").annotate(
        total=Sum("balance_minor"), overdue=Sum("balance_minor", filter=Q(due_on__lt=as_of))
    )
    for source, total, overdue in sums.values_list("source", "total", "overdue"):
        found[of_source[source]] = (int(total or 0), int(overdue or 0))
    return found


def instalments(actor: Actor, row: Loan, as_of: date) -> list[InstalmentLine]:
    """Return the instalments by due date, with the interest of delay that has run by a day and is not posted yet."""
    documents = list(
        Document.objects.of(actor.organisation_id)
        .filter(portfolio_id=row.account.portfolio_id, source=row.source)
        .order_by("due_on", "pk")
    )
    legs = _legs(actor.organisation_id, [document.pk for document in documents])
    late = agreement_of(actor, row.pk).late if row.state == "active" else agreed.LateAgreement()
    return [_line(document, legs.get(document.pk, []), late, as_of) for document in documents]


_LegRow = tuple[str, date, str, int]  # kind of posting, day, component, minor


def _legs(organisation_id: int, document_ids: Sequence[int]) -> dict[int, list[_LegRow]]:
    legs = list(
        Leg.objects.of(organisation_id)
        .filter(document_id__in=document_ids, book=BookAccount.RECEIVABLE)
        .values_list("document_id", "posting_id", "on", "component", "amount_minor")
    )
    heads = Posting.objects.of(organisation_id).filter(pk__in={posting_id for _d, posting_id, *_r in legs})
    kinds = dict(heads.values_list("pk", "kind"))
    found: dict[int, list[_LegRow]] = {}
    for document_id, posting_id, on, component, minor in legs:
        found.setdefault(document_id, []).append((kinds[posting_id], on, component, minor))
    return found


def _line(document: Document, legs: list[_LegRow], late: agreed.LateAgreement, as_of: date) -> InstalmentLine:
    return InstalmentLine(
        document.pk, document.number, document.issued_on, document.due_on, _sums(legs, _CHARGED),
        {component: -minor for component, minor in _sums(legs, _PAID).items()},
        netted(_sums(legs, tuple(PostingKind))), _late(document.due_on, legs, late, as_of),
    )  # fmt: skip


def _sums(legs: list[_LegRow], kinds: Sequence[str]) -> Parts:
    total: Counter[str] = Counter()
    for kind, _on, component, minor in legs:
        if kind in kinds:
            total[component] += minor
    return {component: minor for component, minor in total.items() if minor}


def _late(due_on: date, legs: list[_LegRow], late: agreed.LateAgreement, as_of: date) -> Parts:
    """By component: what has run by the day, less what was posted; never takes back more than is still open of it."""
    missing: Parts = {}
    for component, conditions in late.terms().items():
        base = [
            (on, minor)
            for _kind, on, of, minor in legs
            if of == balances.PRINCIPAL or (of not in _BEARS_NONE and not late.is_on_principal)
        ]
        posted = sum(minor for kind, _on, of, minor in legs if of == component and kind in _CHARGED)
        still_open = sum(minor for _kind, _on, of, minor in legs if of == component)
        difference = max(late_on_balances(base, due_on, as_of, conditions) - posted, -max(0, still_open))
        if difference:
            missing[component] = difference
    return missing


def settlement(actor: Actor, row: Loan, on: date) -> Settlement:
    """Return what ends the loan that day. Interest of the period that runs counts by its days; nothing later falls due."""
    lines = instalments(actor, row, on)
    due, late = Counter[str](), Counter[str]()
    to_come = [line for line in lines if line.due_on > on and line.open_minor]
    for line in lines:
        late.update(line.late)
        if line.due_on <= on:
            due.update(line.open)
    principal = sum(line.open.get(balances.PRINCIPAL, 0) for line in to_come)
    accrued = _accrued(agreement_of(actor, row.pk), lines, to_come, on)
    later = sum(line.open_minor for line in to_come) - principal
    return Settlement(on, dict(due), dict(late), principal, accrued, later - sum(accrued.values()))


def _accrued(
    agreement: agreed.Agreement, lines: Sequence[InstalmentLine], to_come: Sequence[InstalmentLine], on: date
) -> Parts:
    """Interest run since the last due date, with its tax, less what was paid of it in advance."""
    if not to_come:
        return {}
    first = to_come[0]
    run = agreed.accrued(
        first.charged.get(balances.COMPENSATORY_INTEREST, 0),
        period_start(agreement, lines, on),
        first.due_on,
        on,
    )
    told = {balances.COMPENSATORY_INTEREST: run, **agreed.extras_of_interest(agreement, run)}
    return {
        component: left
        for component, minor in told.items()
        if (left := min(minor - first.paid.get(component, 0), first.open.get(component, 0))) > 0
    }


def period_start(agreement: agreed.Agreement, lines: Sequence[InstalmentLine], on: date) -> date:
    """Return the day on which the period that runs began: the last due date, or the day on which it was granted or last changed."""
    return max([agreement.granted_on, *(line.due_on for line in lines if line.due_on <= on)])


def missing_late(actor: Actor, account_id: int, as_of: date) -> list[tuple[Loan, InstalmentLine]]:
    """Return the instalments of an account's loans whose interest of delay is to be posted, with how much."""
    running = _running(actor.organisation_id, account_id)
    return [(row, line) for row in running for line in instalments(actor, row, as_of) if line.late]


@prepared
def _running(organisation_id: int, account_id: int) -> Any:
    rows = Loan.objects.of(organisation_id).filter(account_id=account_id, state="active")
    return rows.select_related("account").order_by("granted_on", "pk")


def borrowing(organisation_id: int, account_ids: Sequence[int]) -> set[int]:
    """Return which of these accounts have a loan that runs."""
    rows = Loan.objects.of(organisation_id).filter(state="active")
    return set(rows.values_list("account_id", flat=True).distinct()).intersection(account_ids)


def written_off(actor: Actor, row: Loan) -> list[tuple[int, int]]:
    """Return (document, minor units) of what was written off of a loan and not recovered since, the oldest first."""
    documents = list(
        Document.objects.of(actor.organisation_id)
        .filter(portfolio_id=row.account.portfolio_id, source=row.source).order_by("due_on", "pk").values_list("pk", flat=True)
    )  # fmt: skip
    heads = Posting.objects.of(actor.organisation_id).filter(
        Q(kind=PostingKind.WRITE_OFF) | Q(source=row.source, reference__startswith="recovered:"),
        portfolio_id=row.account.portfolio_id,
    )
    legs = Leg.objects.of(actor.organisation_id).filter(
        document_id__in=documents, book=BookAccount.RECEIVABLE, posting_id__in=heads.values("pk")
    )
    given = {
        document: -int(minor)
        for document, minor in legs.values_list("document_id").annotate(Sum("amount_minor"))
    }
    return [(document, given[document]) for document in documents if given.get(document, 0) > 0]


def product_of(row: Portfolio) -> dict[str, Any]:
    """Return what a portfolio lends by default: the values that its form of quotes begins with."""
    return dict(row.settings.get("lending", {}))
