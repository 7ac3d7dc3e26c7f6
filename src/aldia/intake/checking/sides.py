"""Lists of what is owed that read like an account: debits and credits in columns, a side beside the amount, a running balance."""

from collections.abc import Iterable

import polars as pl

from aldia.intake.checking.memory import Memory
from aldia.intake.checking.typed import Sheet
from aldia.intake.checking.words import translate
from aldia.intake.mapping.content import contents
from aldia.intake.mapping.direction_words import ACCOUNT_SIDES
from aldia.intake.mapping.fields import Looks
from aldia.intake.mapping.names import tokens_of

SIDES = ("debit", "credit")
_MOSTLY = 0.8


def with_sides(sheet: Sheet, parsed: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """The amounts with what the two columns of an account, or the side beside the amount, say of them.

    A row with both sides is a document and what was paid of it; a row with one is a document, or a credit.
    """
    amount, open_, debit, credit = (parsed[name] for name in ("amount", "open_amount", *SIDES))
    if sheet.cells.has("debit"):
        is_debit, is_credit = _has(debit), _has(credit)
        amount = pl.select(
            pl.coalesce(
                amount, pl.when(is_debit).then(debit).when(is_credit).then(-credit.abs()).otherwise(debit)
            )
        ).to_series()
        left = pl.when(is_debit & is_credit).then(debit - credit.abs())
        open_ = pl.select(pl.coalesce(open_, left)).to_series()
    if sheet.cells.has("direction"):
        is_in = translate(sheet.cells.side("direction"), ACCOUNT_SIDES) == "in"
        amount, open_ = (
            pl.select(pl.when(is_in).then(-money.abs()).otherwise(money)).to_series()
            for money in (amount, open_)
        )
    return {**parsed, "amount": amount, "open_amount": open_}


def tell_unread_balance(sheet: Sheet, frame: pl.DataFrame, attributes: Iterable[str], memory: Memory) -> None:
    """Once a file, name the column of balances that was not taken for what is open: then each document counts whole."""
    if sheet.cells.has("open_amount") or memory.has_told_balance or not sheet.height:
        return
    memory.has_told_balance = True
    first = pl.int_range(sheet.height, eager=True) == 0
    for name in attributes:
        if "balance" in tokens_of(name) and contents(frame, [name])[name].shares[Looks.AMOUNT] >= _MOSTLY:
            heading = pl.repeat(name, sheet.height, eager=True, dtype=pl.String)
            sheet.book.add("balance_unread", "open_amount", first, heading)


def is_running(sheet: Sheet, amount: pl.Series, open_: pl.Series, memory: Memory) -> bool:
    """True where the column of balances only adds up the rows: the account so far, not what is open of each document.

    The first piece of a file decides for all of it. Each balance must be the one before and the amount, or begin again with
    the amount (the next customer), and one at least be more than its own document, which nothing open ever is.
    """
    if memory.is_running is None:
        memory.is_running = _adds_up(amount, open_)
        if memory.is_running:
            first = pl.int_range(sheet.height, eager=True) == 0
            sheet.book.add("balance_running", "open_amount", first, sheet.cells.text("open_amount"))
    return memory.is_running


def _adds_up(amount: pl.Series, open_: pl.Series) -> bool:
    table = pl.DataFrame({"moved": amount, "now": open_, "before": open_.shift(1)})
    now, moved = pl.col("now"), pl.col("moved")
    adds_up = (now == moved) | (now == pl.col("before") + moved).fill_null(value=False)
    exceeds = (now.abs() > moved.abs()).any()
    return bool(table.select(adds_up.fill_null(value=False).all() & exceeds).item())


def _has(money: pl.Series) -> pl.Series:
    return (money != 0).fill_null(value=False)
