"""Life cycles of loans: every sentence done, and the schedule, transactions, charges and balances compared after every step."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aldia.domain.loans.book import Book, Entry, Row
from aldia.domain.loans.orders import FEES, INTEREST, PENALTIES, PRINCIPAL
from aldia.ops.conformance.checks import Case, Checks, Found
from aldia.ops.conformance.loans import delinquency, oddities
from aldia.ops.conformance.loans.steps import Outside, Rows, Scenario, cents, day, perform

KINDS = {
    "Disbursement": "disbursement",
    "Down Payment": "down_payment",
    "Repayment": "repayment",
    "Chargeback": "chargeback",
    "Charge-off": "charge_off",
    "Close (as written-off)": "write_off",
    "Waive loan charges": "waiver",
    "Merchant Issued Refund": "merchant_refund",
    "Payout Refund": "payout_refund",
    "Goodwill Credit": "goodwill",
    "Credit Balance Refund": "credit_refund",
    "Charge Adjustment": "charge_adjustment",
    "Re-age": "re_age",
    "Re-amortize": "re_amortisation",
    "Repayment (at time of disbursement)": "kept_back",
}
ACCOUNTING = {"Accrual", "Accrual Activity", "Accrual Adjustment"}
PARTS = {"Principal due": PRINCIPAL, "Interest": INTEREST, "Fees": FEES, "Penalties": PENALTIES}
ENTRY_PARTS = {"Principal": PRINCIPAL, "Interest": INTEREST, "Fees": FEES, "Penalties": PENALTIES}
STATUSES = {"ACTIVE", "CLOSED_OBLIGATIONS_MET", "OVERPAID", "CLOSED_WRITTEN_OFF"}

NO_FIGURES = (
    r"Admin creates a client.*", r"Admin creates new user.*", r".*Event is created", r"Admin successfully approves the loan.*", r"Admin runs .*job.*",
    r".*event.*", r"Loan status has changed to .*", r".*results in error", r".*is not possible on.*",
    r"Admin fails to .*", r"(?:Admin|Customer) (?:is )?not able to .*", r".*transaction fails because of .*", r"Loan marked as charged-off.*",
    r"Admin can successfully set Fraud flag to the loan", r'Global config.*', r"Loan's all installments have obligations met",
    r'Loan Transactions tab has a ".*Journal entries', r"Given Global.*",
)  # fmt: skip


def life_cycle(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """One scenario; what it asks beyond loans is named with its reason."""
    scenario, compared = Scenario(), 0
    watch = delinquency.Watch(scenario)
    try:
        for at, step in enumerate(json.loads(path.read_text(encoding="utf-8"))["steps"]):
            compared += _step(checks, watch, f"{at}", step["text"], step.get("rows") or [])
    except Outside as reason:
        checks.outside = str(reason)
        return
    if not compared:
        checks.outside = "nothing but journal entries, events or refusals of the lender's system"


def _step(checks: Checks, watch: delinquency.Watch, at: str, text: str, rows: Rows) -> int:
    scenario, before = watch.scenario, len(watch.scenario.events)
    if perform(scenario, text, rows):
        if len(scenario.events) > before:
            watch.classify()
        return 0
    if (compared := delinquency.step(checks, watch, at, text, rows)) is not None:
        return compared
    for pattern, compare in _EXPECTATIONS:
        if match := re.fullmatch(pattern, text):
            compare(checks, scenario, at, rows, *match.groups())
            return 1
    if not any(re.fullmatch(pattern, text) for pattern in NO_FIGURES):
        raise Outside(f"not read: {text}")
    return 0


def _schedule(checks: Checks, scenario: Scenario, at: str, rows: Rows, count: str) -> None:
    book = scenario.book()
    expected = [row for row in rows if row["Nr"]]
    handed_out = [(day(row["Date"]), cents(row["Balance of loan"])) for row in rows if not row["Nr"]]
    checks.same(
        f"{at}.disbursed",
        handed_out,
        [(e.on, e.minor) for e in book.entries if e.kind == "disbursement" and not e.is_reversed],
    )
    if not checks.count(f"{at}.instalments", len(expected), book.rows):
        return
    unrounded = scenario.unrounded_book()
    exact = dict(enumerate(unrounded.rows, start=1)) if unrounded else {}
    for number, (row, ours) in enumerate(zip(expected, book.rows, strict=True), start=1):
        told, shown = _told(row), _shown(number, ours)
        to_the_cent = _shown(number, exact[number]) if number in exact else None
        why = oddities.of_instalment(told, shown, to_the_cent)
        checks.same(f"{at}.instalment {number}", told, shown, why)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    money = {name: cents(value) for name, value in row.items() if name not in _NOT_MONEY and value != ""}
    paid = day(row["Paid date"]) if row["Paid date"] else None
    told = {
        "Nr": int(row["Nr"]),
        "Days": int(row["Days"]),
        "Date": day(row["Date"]),
        "Paid date": paid,
    } | money
    return told | {"Waived": told.get("Waived", 0)}


_NOT_MONEY = {"Nr", "Days", "Date", "Paid date"}


def _shown(number: int, row: Row) -> dict[str, Any]:
    return {
        "Nr": number,
        "Days": (row.due_on - row.from_on).days,
        "Date": row.due_on,
        "Paid date": row.met_on,
        "Balance of loan": row.balance_minor,
        **{name: row.owed[component] for name, component in PARTS.items()},
        "Due": row.due_minor,
        "Paid": row.paid_minor,
        "In advance": row.in_advance,
        "Late": row.late,
        "Outstanding": row.open_minor,
        "Waived": sum(row.waived.values()),
    }


def _total(checks: Checks, scenario: Scenario, at: str, rows: Rows) -> None:
    book = scenario.book()
    lines = [_shown(0, row) for row in book.rows]
    told = {name: cents(value) for name, value in rows[0].items() if value != ""}
    for name, minor in told.items():
        ours = sum(line[name] for line in lines) + book.kept_back_minor * (name in ("Fees", "Due", "Paid"))
        checks.same(f"{at}.total {name}", minor, ours, oddities.of_total(name, told, ours))


def _transactions(checks: Checks, scenario: Scenario, at: str, rows: Rows) -> None:
    _compare_entries(checks, at, rows, scenario.book().entries)


def _transactions_of(checks: Checks, scenario: Scenario, at: str, rows: Rows, on: str) -> None:
    entries = [entry for entry in scenario.book().entries if entry.on == day(on)]
    if all(row["Transaction Type"] in ACCOUNTING for row in rows):
        return
    wanted = {KINDS.get(row["Transaction Type"]) for row in rows}
    _compare_entries(checks, at, rows, [entry for entry in entries if entry.kind in wanted])


def _compare_entries(checks: Checks, at: str, rows: Rows, entries: list[Entry]) -> None:
    expected = [row for row in rows if row["Transaction Type"] not in ACCOUNTING]
    if not checks.count(f"{at}.transactions", len(expected), entries):
        return
    for number, (row, entry) in enumerate(zip(expected, entries, strict=True), start=1):
        told = {name: cents(row[name]) for name in ("Amount", *ENTRY_PARTS, "Loan Balance")}
        ours = {"Amount": entry.minor, "Loan Balance": entry.balance_minor}
        ours |= {name: entry.parts[component] for name, component in ENTRY_PARTS.items()}
        if row["Transaction Type"] not in KINDS:
            raise Outside(f"transactions of type {row['Transaction Type']}")
        told["type"], ours["type"] = KINDS[row["Transaction Type"]], entry.kind  # type: ignore[assignment]
        if row.get("Transaction date"):
            told["on"], ours["on"] = day(row["Transaction date"]), entry.on  # type: ignore[assignment]
        if row.get("Reverted"):
            told["reverted"], ours["reverted"] = row["Reverted"] == "true", entry.is_reversed
        if row.get("Overpayment"):
            told["overpaid"], ours["overpaid"] = cents(row["Overpayment"]), entry.overpaid_minor
        checks.same(f"{at}.transaction {number}", told, ours, oddities.of_transaction(told, ours))


def _reverted(checks: Checks, scenario: Scenario, at: str, rows: Rows, kind: str, on: str) -> None:
    gone = [
        entry for entry in scenario.book().entries if entry.kind == KINDS.get(kind) and entry.on == day(on)
    ]
    checks.same(f"{at}.reverted", True, any(entry.is_reversed for entry in gone))


def _nth_reverted(checks: Checks, scenario: Scenario, at: str, rows: Rows, number: str, kind: str) -> None:
    entry = scenario.book().entries[int(number) - 1]
    checks.same(f"{at}.reverted {number}", (KINDS.get(kind), True), (entry.kind, entry.is_reversed))


def _outstanding(checks: Checks, scenario: Scenario, at: str, rows: Rows, amount: str) -> None:
    checks.same(f"{at}.outstanding", cents(amount), scenario.book().open_minor)


def _overpaid(checks: Checks, scenario: Scenario, at: str, rows: Rows, amount: str) -> None:
    checks.same(f"{at}.overpaid", cents(amount), scenario.book().overpaid_minor)


def _overdue(checks: Checks, scenario: Scenario, at: str, rows: Rows, amount: str) -> None:
    late = sum(row.open_minor for row in scenario.book().rows if row.due_on < scenario.today)
    checks.same(f"{at}.overdue", cents(amount), late)


def _status(checks: Checks, scenario: Scenario, at: str, rows: Rows, status: str) -> None:
    if status in STATUSES:
        checks.same(f"{at}.status", status, status_of(scenario.book()))


def status_of(book: Book) -> str:
    """The status in the scenarios' words."""
    if book.is_written_off:
        return "CLOSED_WRITTEN_OFF"
    if book.overpaid_minor:
        return "OVERPAID"
    return "ACTIVE" if book.open_minor else "CLOSED_OBLIGATIONS_MET"


def _charges(checks: Checks, scenario: Scenario, at: str, rows: Rows) -> None:
    book = scenario.book()
    told = sorted((row["isPenalty"] == "true", cents(row["Due"])) for row in rows)
    kept_back = [(False, each.minor) for each in book.entries if each.kind == "kept_back"]
    ours_too = [(each.component == PENALTIES, each.minor) for each in book.charges]
    checks.same(f"{at}.charges", told, sorted(kept_back + ours_too))
    waived = sum(cents(row["Waived"]) for row in rows)
    checks.same(f"{at}.waived", waived, sum(each.waived_minor for each in book.charges))
    open_told = sum(cents(row["Outstanding"]) for row in rows)
    ours = sum(row.open(FEES) + row.open(PENALTIES) for row in book.rows)
    checks.same(f"{at}.charges outstanding", open_told, ours)


Expect = Callable[..., None]
_EXPECTATIONS: list[tuple[str, Expect]] = [
    (r"Loan Repayment schedule has (\d+) periods, with the following data for periods", _schedule),
    (r"Loan Repayment schedule has the following data in Total row", _total),
    (r"Loan Transactions tab has the following data", _transactions),
    (
        r'Loan Transactions tab has a transaction with date: "([^"]+)", and with the following data',
        _transactions_of,
    ),
    (r'On Loan Transactions tab the "([^"]+)" Transaction with date "([^"]+)" is reverted', _reverted),
    (
        r'In Loan Transactions the "(\d+)"th Transaction has Transaction type="([^"]+)" and is reverted',
        _nth_reverted,
    ),
    (r"Loan has ([\d.]+) outstanding amount", _outstanding),
    (r"Loan has ([\d.]+) overpaid amount", _overpaid),
    (r"Loan has ([\d.]+) total overdue amount", _overdue),
    (r'Loan status will be "([^"]+)"', _status),
    (r"Loan Charges tab has the following data", _charges),
]
