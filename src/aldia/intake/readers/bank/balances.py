"""Does a statement add up? Asked of every format that states both balances."""

from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Entry, Statement
from aldia.intake.readers.records.values import scaled, unscaled


def total_of(entries: list[Entry]) -> int:
    """The sum of all booked lines in millionths."""
    return sum(scaled(entry["amount"]) for entry in entries if not entry.get("is_pending"))


def check(statement: Statement, notes: Notes) -> None:
    """Note a statement whose opening balance and lines do not give its closing balance."""
    opening, closing = statement.get("opening"), statement.get("closing")
    if opening is None or closing is None:
        return
    computed = scaled(opening) + total_of(statement["entries"])
    if computed != scaled(closing):
        notes.add(
            "balance_mismatch",
            account=statement.get("account") or "?",
            found=closing,
            expected=unscaled(computed),
        )
