"""Reads of the reconciliation desk: lines to decide with their candidates, what was decided, statements, and totals that tie."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.db.pages import Page, paged
from aldia.domain.allocation import by_document
from aldia.domain.loans.indexed import UnitValue
from aldia.domain.matching import (
    FEW_BEARERS,
    Client,
    Debt,
    Line,
    Policy,
    Proposal,
    Received,
    identities,
    judge,
    rank,
    squeezed,
    telling_words,
)
from aldia.ledger import selectors as ledger
from aldia.ledger.indexed import values_of_units
from aldia.parties import selectors as parties
from aldia.payments.models import (
    BankAccount,
    BankLine,
    BankMatch,
    BankStatement,
    KnownPayer,
    LineState,
    Receipt,
    ReceiptState,
)
from aldia.payments.received import received

SHOWN: Final = 9
"""Candidates beside a line: as many as there are number keys."""


LONGEST: Final = timedelta(days=400)
"""How long a payment may be taken back: a direct debit without mandate may for thirteen months."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The money of every line in one currency, in minor units: the parts add up to `total_minor`."""

    currency: str
    lines: int
    decided_lines: int
    waiting_lines: int
    total_minor: int
    applied_minor: int
    unidentified_minor: int
    returned_minor: int
    ignored_minor: int
    waiting_minor: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement, and what is missing between it and the one before: minor units, None where nothing says it."""

    statement: BankStatement
    gap_minor: int | None
    overlaps: bool


_PARTS = """
    SELECT l.currency, COUNT(*), SUM(CASE WHEN l.state = 'waiting' THEN 0 ELSE 1 END), SUM(l.amount_minor),
           SUM(CASE WHEN l.state = 'returned' THEN l.amount_minor ELSE COALESCE(m.applied, 0) END)
               - SUM(CASE WHEN l.state = 'returned' THEN l.amount_minor ELSE 0 END),
           SUM(COALESCE(m.unidentified, 0)),
           SUM(CASE WHEN l.state = 'returned' THEN l.amount_minor ELSE 0 END),
           SUM(CASE WHEN l.state = 'ignored' THEN l.amount_minor ELSE 0 END),
           SUM(CASE WHEN l.state = 'waiting' THEN l.amount_minor - COALESCE(m.applied, 0) - COALESCE(m.unidentified, 0)
                    ELSE 0 END)
    FROM payments_bankline AS l
    LEFT JOIN (SELECT b.line_id, SUM(CASE WHEN r.account_id IS NULL THEN 0 ELSE b.amount_minor END) AS applied,
                      SUM(CASE WHEN r.account_id IS NULL THEN b.amount_minor ELSE 0 END) AS unidentified
               FROM payments_bankmatch AS b JOIN payments_receipt AS r ON r.id = b.receipt_id
               WHERE b.organisation_id = %s AND b.undone_at IS NULL AND b.amount_minor > 0 GROUP BY b.line_id) AS m
      ON m.line_id = l.id
    WHERE l.organisation_id = %s GROUP BY l.currency ORDER BY l.currency
"""


def totals(actor: Actor) -> list[Totals]:
    """Return the sums of every bank line by currency: statements = applied + unidentified + returned + ignored + waiting."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [actor.organisation_id] * 2)
        rows = cursor.fetchall()
    return [
        Totals(currency, int(lines), int(decided), int(lines) - int(decided), *map(int, sums))
        for currency, lines, decided, *sums in rows
    ]


def policy_of(actor: Actor) -> Policy:
    """Return how the organisation matches: its settings under `reconciliation`, careful where it says nothing."""
    told = access.organisation_of(actor).settings.get("reconciliation", {})
    return Policy(
        int(told.get("threshold", Policy().threshold)), int(told.get("tolerance_minor", 0)),
        tuple(int(rate) for rate in told.get("withholding_rates", ())),
    )  # fmt: skip


def told_by_bank(row: Mapping[str, Any]) -> Line:
    """Return a stored line as the domain judges it."""
    return Line(
        row["amount_minor"],
        f"{row['reference']} {row['text']}",
        row["payer"],
        row["payer_account"],
        row["payer_tax_id"],
        row["booked_on"],
    )


def reasons_of(proposal: Proposal) -> list[dict[str, Any]]:
    """Return a proposal's reasons as they are kept with a match."""
    return [asdict(reason) for reason in proposal.reasons]


def bank_accounts(actor: Actor) -> QuerySet[BankAccount]:
    """Return the organisation's bank accounts."""
    rows: QuerySet[BankAccount] = BankAccount.objects.of(actor.organisation_id).select_related(
        "portfolio", "creditor"
    )
    return rows


def mapping_of(actor: Actor, number: str) -> dict[str, Any]:
    """Return how the tables of an account were read the last time; nothing where it is new."""
    if not number:
        return {}
    return dict(
        bank_accounts(actor).filter(number=squeezed(number)).values_list("mapping", flat=True).first() or {}
    )


def lines(
    actor: Actor, filters: Mapping[str, Any] | None = None, cursor: str | None = None, *, limit: int = 50
) -> Page[BankLine]:
    """Return a page of lines, those worth most first. Filters: state, bank_account_id, is_automatic, currency.

    Raises BadCursor of `db.pages`.
    """
    wanted = {name: value for name, value in (filters or {}).items() if name in _FILTERS}
    rows = BankLine.objects.of(actor.organisation_id).filter(**wanted).select_related("owner", "bank_account")
    return paged(
        rows, by="amount_minor", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row
    )


_FILTERS = frozenset({"state", "bank_account_id", "is_automatic", "currency"})


def counts(actor: Actor) -> dict[str, int]:
    """Return how many lines there are in each state; those applied by themselves are `automatic`, not `applied`."""
    told = dict.fromkeys([*LineState.values, "automatic"], 0)
    rows = (
        BankLine.objects.of(actor.organisation_id)
        .values_list("state", "is_automatic")
        .annotate(total=Count("pk"))
    )
    for state, is_automatic, total in rows.order_by():
        told["automatic" if is_automatic and state == LineState.APPLIED else state] += total
    return told


def line(actor: Actor, line_id: int) -> BankLine:
    """Return one line with its account and owner. Raises BankLine.DoesNotExist."""
    rows = BankLine.objects.of(actor.organisation_id).select_related(
        "bank_account__portfolio", "owner", "statement"
    )
    found: BankLine = rows.get(pk=line_id)
    return found


def next_line(actor: Actor, after: BankLine) -> int | None:
    """Return the next line that waits, in the order of the list; the first one after the last."""
    rows = BankLine.objects.of(actor.organisation_id).filter(state=LineState.WAITING)
    rows = rows.exclude(pk=after.pk).order_by("-amount_minor", "-pk")
    later = Q(amount_minor__lt=after.amount_minor) | Q(amount_minor=after.amount_minor, pk__lt=after.pk)
    keys = rows.values_list("pk", flat=True)
    found: int | None = keys.filter(later).first() or keys.first()
    return found


def open_minor(row: BankLine) -> int:
    """Return what of the line became no receipt yet, in minor units."""
    live = row.matches.filter(undone_at__isnull=True).aggregate(total=Sum("amount_minor"))["total"]
    return int(row.amount_minor - (live or 0))


def matches(actor: Actor, line_id: int) -> list[BankMatch]:
    """Return what the line became, undone matches too, oldest first."""
    rows = BankMatch.objects.of(actor.organisation_id).filter(line_id=line_id)
    return list(rows.select_related("receipt__account__party").order_by("pk"))


def proposals(
    actor: Actor, row: BankLine, policy: Policy, *, extra: int | None = None, is_new: bool = False
) -> list[Proposal]:
    """Return who may have paid, the likeliest first, judged on what is open now; `extra` is a client somebody looked for.

    Those of the last match, and whoever earlier decisions gave this payer's money to. `is_new`: somebody knows that the money is
    no receipt that was here before it.
    """
    told = told_by_bank(vars(row))
    known = _known(actor, row)
    keys = [*row.candidates, *known, *([extra] if extra else [])]
    chosen = cases.scope(actor).filter(account_id__in=keys[:40], creditor_id=row.bank_account.creditor_id)
    people = {case.account_id: case for case in chosen.select_related("party")}
    tax_ids = parties.tax_ids(actor, [case.party_id for case in people.values()])
    here = {} if is_new or row.matches.filter(undone_at__isnull=True).exists() else _here(actor, row, people)
    values = values_of_units(actor.organisation_id, row.currency, row.booked_on)
    rare = (
        parties.rare_words(actor, telling_words(told.payer or told.text), at_most=FEW_BEARERS)
        if people
        else frozenset()
    )
    judged = []
    for key, case in people.items():
        debts = _debts(actor, key, row.currency, values)
        tax_id = tax_ids.get(case.party_id, ("", ""))[0]
        by_account, by_name = known.get(key, (0, 0))
        client = Client(
            key, case.debtor_name, tax_id, debts, by_account=by_account, by_name=by_name,
            rare=rare & telling_words(case.debtor_name), received=here.get(key, ()),
        )  # fmt: skip
        found = judge(told, client, policy)
        if found is not None or key == extra:
            judged.append(found or Proposal(key, 0, (), ()))
    return rank(judged)[:SHOWN]


def _here(actor: Actor, row: BankLine, account_ids: Iterable[int]) -> dict[int, tuple[Received, ...]]:
    line = pl.DataFrame({"booked_on": [row.booked_on], "amount_minor": [row.amount_minor]})
    creditor_id = row.bank_account.creditor_id
    return received(actor, line, creditor_id=creditor_id, currency=row.currency, account_ids=account_ids)


def possible_payments(actor: Actor, line: BankLine) -> list[Receipt]:
    """Return the live receipts that a returned line may have taken back: the same amount, on the day or before, newest first."""
    rows = Receipt.objects.of(actor.organisation_id).filter(
        amount_minor=-line.amount_minor, currency=line.currency, state__in=[ReceiptState.ACTIVE, ReceiptState.PROVISIONAL],
        on__lte=line.booked_on, on__gte=line.booked_on - LONGEST,
    )  # fmt: skip
    return list(rows.order_by("-on", "-pk")[:50])


def _known(actor: Actor, row: BankLine) -> dict[int, tuple[int, int]]:
    """How often decisions gave this payer's money to an account's client: (by account, by name)."""
    told = Q(kind="account", value=squeezed(row.payer_account) or None) | Q(
        kind="name", value=squeezed(row.payer) or None
    )
    times: dict[int, list[int]] = {}
    for kind, party_id, count in (
        KnownPayer.objects.of(actor.organisation_id)
        .filter(told)
        .values_list("kind", "party_id", "times")[:20]
    ):
        times.setdefault(party_id, [0, 0])[kind == "name"] += count
    accounts = cases.scope(actor).filter(party_id__in=times, creditor_id=row.bank_account.creditor_id)
    return {
        account_id: (times[party_id][0], times[party_id][1])
        for account_id, party_id in accounts.values_list("account_id", "party_id")
    }


def _debts(actor: Actor, account_id: int, currency: str, values: Mapping[str, UnitValue]) -> tuple[Debt, ...]:
    """What the account owes in the line's currency, and in its units that have a value on the line's day."""
    found = _debts_in(actor, account_id, currency)
    for unit, value in values.items():
        owed = _debts_in(actor, account_id, unit)
        found += [replace(debt, minor=value.to_currency(debt.minor), unit=unit) for debt in owed]
    return tuple(found)


def _debts_in(actor: Actor, account_id: int, currency: str) -> list[Debt]:
    items, _issued = ledger.open_items(actor, case_id=account_id, currency=currency)
    owed = {int(item.document): item for item in by_document(items) if item.open_minor > 0}
    told = ledger.document_identities(actor, list(owed))
    return [
        Debt(key, told[key][0], item.open_minor, item.due_on, identities(*told[key][1:]))
        for key, item in owed.items()
    ]


def statements(actor: Actor, *, limit: int = 200) -> list[StatementRow]:
    """Return the newest statements of each account, newest first, with what is missing between one and the next."""
    rows = BankStatement.objects.of(actor.organisation_id).select_related("bank_account", "file")
    found = list(rows.order_by("-to_on", "-pk")[:limit])
    told: list[StatementRow] = []
    for place, row in enumerate(found):
        before = next(
            (each for each in found[place + 1 :] if each.bank_account_id == row.bank_account_id), None
        )
        told.append(StatementRow(row, *_between(before, row)))
    return told


def _between(before: BankStatement | None, row: BankStatement) -> tuple[int | None, bool]:
    """What the balances say is missing between two statements; nothing can be said where they overlap."""
    if before is None or row.opening_minor is None or before.closing_minor is None:
        return None, False
    if _day(row.from_on) <= _day(before.to_on) and row.opening_minor != before.closing_minor:
        return None, True
    return row.opening_minor - before.closing_minor, False


def _day(on: date | None) -> date:
    return on or date.min
