"""Bank files against their reference: counts, sums, ids, dates and directions, line by line."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from aldia.intake.readers.bank.camt import GIVEN_BACK, NO_REFERENCE
from aldia.intake.readers.bank.currencies import code_of
from aldia.intake.readers.table import read_table
from aldia.ops.conformance.checks import Case, Checks, Comparison, Found, day_from, day_of, refused

OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
SANTANDER = "033"
SANTANDER_WHY = _(
    "Santander escribe el segmento T en lugares propios; la referencia lo corta en los comunes."
)


def _entries(found: Found) -> list[dict[str, Any]]:
    return [entry for statement in found["statements"] for entry in statement["entries"]]


def _sums(checks: Checks, entries: list[dict[str, Any]], into: Any, out: Any) -> None:
    amounts = [entry["amount"] for entry in entries]
    checks.total("sum_in", into, [each for each in amounts if not each.startswith("-")])
    checks.total("sum_out", out, [each.removeprefix("-") for each in amounts if each.startswith("-")])


def _money(case: Case) -> str:
    return f"-{case['amount']}" if case["credit_debit"] in {"D", "DBIT", "RC"} else str(case["amount"])


def mt940(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """MT940 and MT942; fragments of MT940 must be refused."""
    if case["fragment"] and case["kind"] == "MT940":
        checks.refused(found)
        return
    if not checks.count("statements", case["statements"], found["statements"]):
        return
    accounts = list(dict.fromkeys(statement["account"] for statement in found["statements"]))
    checks.same("accounts", case["accounts"], accounts)
    for name in ("opening", "closing"):
        stated = [statement[name] for statement in found["statements"] if statement[name] is not None]
        if checks.count(name, len(case[name]), stated):
            for at, (expected, ours) in enumerate(zip(case[name], stated, strict=True)):
                checks.amount(f"{name}[{at}]", _money(expected), ours)
    entries = _entries(found)
    _sums(checks, entries, case["sum_in"], case["sum_out"])
    if checks.count("lines", case["lines"], entries):
        for at, (expected, ours) in enumerate(zip(case["entries"], entries, strict=True)):
            sign = "-" if expected["money"] == "out" else ""
            checks.amount(f"entries[{at}].amount", f"{sign}{expected['amount']}", ours["amount"])
            if expected["mark"].startswith("R"):  # the text of a line may tell a return as well
                checks.same(f"entries[{at}].returned", True, ours["returned"])
            if day_of(expected["value_date"]):
                checks.same(f"entries[{at}].booked_on", day_of(expected["value_date"]), ours["booked_on"])
            else:
                checks.warned(found, "impossible_date")


def camt(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """camt.052, 053 and 054."""
    if not checks.count("statements", len(case["statements"]), found["statements"]):
        return
    for at, (expected, ours) in enumerate(zip(case["statements"], found["statements"], strict=True)):
        where = f"statements[{at}]"
        checks.same(f"{where}.account", expected["account"], ours["account"])
        checks.same(f"{where}.number", expected["id"], ours["number"])
        checks.stated(f"{where}.currency", expected["currency"], ours["currency"])
        checks.stated(f"{where}.owner", expected["owner"], ours["owner"])
        checks.amount(f"{where}.opening", _balance(expected["balances"], OPENING), ours["opening"])
        checks.amount(f"{where}.closing", _balance(expected["balances"], CLOSING), ours["closing"])
        if expected["balances_reconcile"] is False:
            checks.warned(found, "balance_mismatch", "mixed_currencies")
        _sums(checks, ours["entries"], expected["sum_credit"], expected["sum_debit"])
        if checks.count(f"{where}.entries", expected["entries_count"], ours["entries"]):
            for number, pair in enumerate(zip(expected["entries"], ours["entries"], strict=True)):
                _camt_entry(checks, f"{where}.entries[{number}]", *pair)


def _balance(balances: list[Case], kinds: tuple[str, ...]) -> str | None:
    return next((_money(each) for kind in kinds for each in balances if each["type"] == kind), None)


def _camt_entry(checks: Checks, where: str, expected: Case, ours: dict[str, Any]) -> None:
    checks.amount(f"{where}.amount", _money(expected), ours["amount"])
    checks.same(f"{where}.currency", expected["currency"], ours["currency"])
    checks.same(f"{where}.booked_on", day_of(expected["booking_date"]), ours["booked_on"])
    checks.same(f"{where}.valued_on", day_of(expected["value_date"]), ours["valued_on"])
    checks.same(f"{where}.is_pending", expected["status"] != "BOOK", ours["is_pending"])
    checks.stated(f"{where}.reference", expected["reference"], ours["reference"])
    reasons = [part["return_reason"] for part in expected["transactions"] if part["return_reason"]]
    family = (expected["bank_code"] or "").rpartition("/")[2]
    is_returned = bool(reasons) or expected["reversal"] in {"true", "1"} or family in GIVEN_BACK
    checks.same(f"{where}.returned", is_returned, ours["returned"])
    if checks.count(f"{where}.transactions", len(expected["transactions"]), ours["transactions"]):
        for at, (part, own) in enumerate(zip(expected["transactions"], ours["transactions"], strict=True)):
            spot = f"{where}.transactions[{at}]"
            if part["end_to_end"] not in NO_REFERENCE:
                checks.stated(f"{spot}.reference", part["end_to_end"], own["reference"])
            checks.amount(f"{spot}.amount", part["amount"], (own["amount"] or "").removeprefix("-"))
            checks.same(f"{spot}.mandate", part["mandate"], own["mandate"])
            checks.same(f"{spot}.reason", part["return_reason"], own["reason"])
            checks.same(f"{spot}.structured", part["structured_ref"], own["structured"])
            for text in part["remittance"]:
                checks.same(f"{spot}.text", True, " ".join(text.split()) in own["text"])


def pain(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """pain.002: only what was rejected."""
    rejected = [each for each in case["transactions"] if each["status"] == "RJCT"]
    if not checks.count("returns", len(rejected), found["returns"]):
        return
    checks.total("sum_rejected", case["sum_rejected"], [each["amount"] for each in found["returns"]])
    for at, (expected, ours) in enumerate(zip(rejected, found["returns"], strict=True)):
        checks.same(f"returns[{at}].reference", expected["end_to_end"], ours["reference"])
        checks.same(f"returns[{at}].reason", expected["reason"], ours["reason"])
        checks.same(f"returns[{at}].currency", expected["currency"], ours["currency"])
        checks.same(f"returns[{at}].on", day_of(expected["collection_date"]), ours["on"])
        checks.amount(f"returns[{at}].amount", expected["amount"], ours["amount"])


def ofx(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """OFX of both kinds; a defective sample may be refused whole."""
    if case.get("readers_disagree") and found.get("error"):
        checks.refused(found)
        return
    if not checks.count("statements", len(case["statements"]), found["statements"]):
        return
    for at, (expected, ours) in enumerate(zip(case["statements"], found["statements"], strict=True)):
        where = f"statements[{at}]"
        for name in ("account", "bank", "currency"):
            checks.same(f"{where}.{name}", expected[name], ours[name])
        checks.amount(f"{where}.closing", expected["ledger_balance"], ours["closing"])
        _sums(checks, ours["entries"], expected["sum_in"], expected["sum_out"])
        if checks.count(f"{where}.entries", expected["lines"], ours["entries"]):
            for number, (line, own) in enumerate(zip(expected["entries"], ours["entries"], strict=True)):
                checks.amount(f"{where}.entries[{number}].amount", line["amount"], own["amount"])
                checks.same(f"{where}.entries[{number}].booked_on", day_of(line["date"]), own["booked_on"])
                checks.stated(f"{where}.entries[{number}].reference", line["fitid"], own["reference"])


def norma43(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Norma 43."""
    if not checks.count("accounts", len(case["accounts"]), found["statements"]):
        return
    for at, (expected, ours) in enumerate(zip(case["accounts"], found["statements"], strict=True)):
        where = f"statements[{at}]"
        for name in ("account", "bank", "branch"):
            checks.same(f"{where}.{name}", expected[name], ours[name])
        checks.same(f"{where}.currency", code_of(expected["currency_num"]), ours["currency"])
        checks.amount(f"{where}.opening", expected["opening"], ours["opening"])
        end = expected.get("closing_record")
        checks.amount(f"{where}.closing", end["closing"] if end else None, ours["closing"])
        if expected.get("record_agrees") is False:
            checks.warned(found, "balance_mismatch", "trailer_mismatch", "no_closing")
        _sums(checks, ours["entries"], expected["sum_in"], expected["sum_out"])
        if checks.count(f"{where}.entries", expected["line_count"], ours["entries"]):
            for number, (line, own) in enumerate(zip(expected["lines"], ours["entries"], strict=True)):
                spot, sign = f"{where}.entries[{number}]", "-" if line["money"] == "out" else ""
                checks.amount(f"{spot}.amount", f"{sign}{line['amount']}", own["amount"])
                checks.same(f"{spot}.booked_on", day_from(line["operation_date"], "YYMMDD"), own["booked_on"])
                checks.same(f"{spot}.valued_on", day_from(line["value_date"], "YYMMDD"), own["valued_on"])


def cnab(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """CNAB 240 and 400; outgoing files must be refused."""
    if case["file_type"] == "remessa" and not case["titles"]:
        checks.refused(found)
        return
    if not checks.count("titles", len(case["titles"]), found["titles"]):
        return
    long = case["kind"] == "CNAB240"
    why = str(SANTANDER_WHY) if long and case["bank"] == SANTANDER else None
    order = "DDMMYYYY" if long else "DDMMYY"
    checks.same("settled", case["settled"], sum(each["settled"] for each in found["titles"]))
    checks.total("sum_paid", case["sum_paid"], [each["paid"] for each in found["titles"]])
    for at, (expected, ours) in enumerate(zip(case["titles"], found["titles"], strict=True)):
        where = f"titles[{at}]"
        checks.same(f"{where}.our_number", expected["our_number"], ours["our_number"], why)
        checks.same(
            f"{where}.occurrence", expected.get("occurrence", expected.get("movement")), ours["occurrence"]
        )
        checks.amount(f"{where}.face", expected["face_value"], ours["face"], why)
        checks.amount(f"{where}.paid", expected["paid"], ours["paid"])
        checks.same(f"{where}.due_on", day_from(expected["due"], order), ours["due_on"], why)
        checks.same(f"{where}.occurred_on", day_from(expected["occurrence_date"], order), ours["occurred_on"])
        if "credit_date" in expected:
            checks.same(f"{where}.credited_on", day_from(expected["credit_date"], order), ours["credited_on"])


def csv(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Dialects of CSV: separator, encoding, width, first and last row."""
    table = read_table(path)
    try:
        dialect = table.dialect
        last = list(table.frame.select(table.columns).rows()[-1])
        checks.same("delimiter", case["delimiter"], dialect.separator)
        is_utf8 = (dialect.encoding or "").startswith("utf-8")
        checks.same("encoding", case["encoding"], "utf-8" if is_utf8 else "single-byte")
        checks.same("last_row", case["last_row"], last[: len(case["last_row"])])
        if dialect.header_row == 1:
            heading = [" ".join(cell.split()) for cell in case["first_row"]]
            checks.same("first_row", heading, [column.removesuffix(" (2)") for column in table.columns])
            checks.same("columns", case["columns"], len(table.columns))
            checks.same("rows", case["rows_including_heading"], table.rows + 1)
    finally:
        table.close()


def qif(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """QIF."""
    entries = _entries(found)
    if checks.count("lines", case["lines"], entries):
        for at, (expected, ours) in enumerate(zip(case["amounts"], entries, strict=True)):
            checks.amount(f"entries[{at}].amount", expected, ours["amount"])


KINDS: dict[str, Comparison] = {
    "MT940": mt940,
    "MT942": mt940,
    "BkToCstmrAcctRpt": camt,
    "BkToCstmrStmt": camt,
    "BkToCstmrDbtCdtNtfctn": camt,
    "pain.002": pain,
    "invalid": refused,
    "OFX": ofx,
    "OFX without bank statement": refused,
    "N43": norma43,
    "CNAB240": cnab,
    "CNAB400": cnab,
    "CSV": csv,
    "QIF": qif,
}
