"""Bank statements: each line enters once for ever, however often and in whatever order files tell it."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.db.frames import known_among, write_frame
from aldia.db.locks import named_lock
from aldia.domain.matching import squeezed
from aldia.domain.money import UnknownCurrency, currency_code
from aldia.ledger import selectors as ledger_selectors
from aldia.payments.models import BankAccount, BankLine, BankStatement, LineState

LINES: dict[str, Any] = {
    "booked_on": pl.Date, "amount_minor": pl.Int64, "reference": pl.String, "text": pl.String, "payer": pl.String,
    "payer_account": pl.String, "payer_tax_id": pl.String, "is_returned": pl.Boolean, "reason": pl.String,
}  # fmt: skip
"""The columns of a statement's lines; money in is above zero."""

_SIZES = {"reference": 140, "text": 500, "payer": 200, "payer_account": 64, "payer_tax_id": 30, "reason": 60}
_NO_REFERENCE = {"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE", "0"}
OUT = "out"
"""Why a line of money out that returns nothing is set aside by itself."""


class BadStatement(Exception):
    """Raised when a statement cannot be taken: a line without date, another currency than its account's."""


class UnknownBankAccount(LookupError):
    """Raised when it is not said whose account a statement is of, and it cannot be known."""


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """What a file says of one account over one period; amounts in minor units, a balance that it does not state is None."""

    format: str
    number: str
    digest: str
    turn: int
    opening_minor: int | None
    closing_minor: int | None
    lines: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Taken:
    """What a statement brought: its lines, those new, whether its balances agree, and its row (None: that file was taken before)."""

    statement_id: int | None
    lines: int
    new: int
    is_balanced: bool | None


@transaction.atomic
def ensure_bank_account(
    *, actor: Actor, number: str, currency: str, clock: Clock, portfolio_id: int | None = None, name: str = ""
) -> BankAccount:
    """Return the account of this number and currency, new where it is not known.

    A new one needs the portfolio where its unidentified money waits; the only one of the organisation needs no telling.
    Raises UnknownBankAccount, BadStatement, NotAllowed.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    clean, currency = squeezed(number)[:64], _known_currency(currency)
    if not clean:
        raise UnknownBankAccount(
            _("El archivo no dice de qué cuenta es el extracto: dilo con la cuenta del banco.")
        )
    known: BankAccount | None = (
        BankAccount.objects.of(actor.organisation_id).filter(number=clean, currency=currency).first()
    )
    if known is not None:
        return known
    portfolios = list(ledger_selectors.portfolios(actor))
    chosen = [row for row in portfolios if row.pk == portfolio_id] if portfolio_id else portfolios
    if len(chosen) != 1:
        raise UnknownBankAccount(
            _(
                "La cuenta %(number)s es nueva: di en qué cartera espera lo que no se reconozca. Hay: %(names)s."
            )
            % {"number": clean, "names": ", ".join(row.name for row in portfolios) or "–"}
        )
    account: BankAccount = BankAccount.objects.create(
        organisation_id=actor.organisation_id, creditor_id=chosen[0].creditor_id, portfolio_id=chosen[0].pk,
        number=clean, currency=currency, name=name[:120],
    )  # fmt: skip
    audit.record(
        actor=actor, verb="payments.bank_account.create", object_type="bank_account", object_id=account.pk,
        now=clock.now, data={"portfolio": account.portfolio_id, "currency": currency},
    )  # fmt: skip
    return account


@transaction.atomic
def take_statement(
    *, actor: Actor, bank_account_id: int, draft: StatementDraft, clock: Clock, file_id: int | None = None
) -> Taken:
    """Keep the lines that no statement of the account told before; return how many. Nothing is applied here.

    A line is the same when its day, amount and bank reference are (its texts, where it has none); equal lines of one
    statement are as many as it tells. Raises BadStatement, UnknownBankAccount, NotAllowed.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    account = BankAccount.objects.of(actor.organisation_id).filter(pk=bank_account_id).first()
    if account is None:
        raise UnknownBankAccount(_("No hay una cuenta bancaria %(id)s.") % {"id": bank_account_id})
    with named_lock("payments.statements", account.pk):
        lines = _keyed(account, draft.lines)
        told = BankStatement.objects.of(actor.organisation_id).filter(
            bank_account=account, digest=draft.digest, turn=draft.turn
        )
        known = known_among(BankLine, "key", lines["key"], organisation_id=actor.organisation_id)
        new = lines.join(known, on="key", how="anti", maintain_order="left")
        is_balanced = _is_balanced(draft)
        if told.exists() and new.is_empty():
            return Taken(None, lines.height, 0, is_balanced)
        statement = _statement(actor, account, draft, is_balanced, new.height, clock, file_id)
        write_frame(BankLine, _rows(actor, account, statement, new, clock))
        audit.record(
            actor=actor, verb="payments.statement.take", object_type="bank_statement", object_id=statement.pk,
            now=clock.now, data={"lines": lines.height, "new": new.height, "account": account.pk},
        )  # fmt: skip
    return Taken(statement.pk, lines.height, new.height, is_balanced)


def remember_mapping(*, actor: Actor, bank_account_id: int, mapping: dict[str, Any]) -> None:
    """Keep how the tables of an account are read, for the next one."""
    actor.check(Permission.REGISTER_RECEIPTS)
    BankAccount.objects.of(actor.organisation_id).filter(pk=bank_account_id).update(mapping=mapping)


def _known_currency(told: str) -> str:
    try:
        return currency_code(told)
    except UnknownCurrency as problem:
        raise BadStatement(
            _("No conocemos la moneda «%(found)s»: dila con su código, como ARS o USD.") % {"found": told}
        ) from problem


def _keyed(account: BankAccount, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with the key that each has for ever, in whatever order they came. Raises BadStatement."""
    clean = lines.with_columns(
        pl.col(name).fill_null("").str.strip_chars().str.slice(0, size) for name, size in _SIZES.items()
    )
    undated = clean.filter(pl.col("booked_on").is_null())
    if not undated.is_empty():
        raise BadStatement(
            _(
                "Hay %(count)s movimientos sin fecha (el primero, «%(text)s»): pide el extracto corregido al banco."
            )
            % {"count": undated.height, "text": undated["text"][0][:60]}
        )
    has_reference = ~pl.col("reference").str.to_uppercase().is_in(list(_NO_REFERENCE))
    words = (
        pl.when(has_reference).then(pl.lit("r|") + pl.col("reference"))
        .otherwise(pl.concat_str(pl.lit("t|"), "text", pl.lit("|"), "payer", pl.lit("|"), "payer_account"))
    )  # fmt: skip
    told = clean.with_columns(
        told=pl.concat_str("booked_on", pl.lit("|"), "amount_minor", pl.lit("|"), words)
    )
    turned = told.with_columns(turn=pl.int_range(pl.len()).over("told")).select(
        pl.exclude("told", "turn"), whole=pl.concat_str("told", pl.lit("|"), "turn")
    )
    keys = [hashlib.sha256(f"{account.pk}|{text}".encode()).hexdigest()[:40] for text in turned["whole"]]
    return turned.drop("whole").with_columns(key=pl.Series(keys, dtype=pl.String))


def _is_balanced(draft: StatementDraft) -> bool | None:
    if draft.opening_minor is None or draft.closing_minor is None:
        return None
    return draft.opening_minor + int(draft.lines["amount_minor"].sum()) == draft.closing_minor


def _statement(
    actor: Actor,
    account: BankAccount,
    draft: StatementDraft,
    is_balanced: bool | None,
    new: int,
    clock: Clock,
    file_id: int | None,
) -> BankStatement:
    first, last = draft.lines["booked_on"].min(), draft.lines["booked_on"].max()
    statement, _is_new = BankStatement.objects.of(actor.organisation_id).update_or_create(
        bank_account=account, digest=draft.digest, turn=draft.turn,
        defaults={
            "organisation_id": actor.organisation_id, "file_id": file_id, "format": draft.format[:20],
            "number": draft.number[:60], "from_on": first if isinstance(first, date) else None,
            "to_on": last if isinstance(last, date) else None, "opening_minor": draft.opening_minor,
            "closing_minor": draft.closing_minor, "is_balanced": is_balanced, "lines": draft.lines.height,
            "new_lines": new, "loaded_by": actor.label, "loaded_at": clock.now,
        },
    )  # fmt: skip
    found: BankStatement = statement
    return found


def _rows(
    actor: Actor, account: BankAccount, statement: BankStatement, new: pl.DataFrame, clock: Clock
) -> pl.DataFrame:
    """The table's rows; money out that returns nothing, and lines of nothing, are set aside at once."""
    is_aside = (pl.col("amount_minor") <= 0) & ~pl.col("is_returned") | (pl.col("amount_minor") == 0)
    state = pl.when(is_aside).then(pl.lit(LineState.IGNORED.value)).otherwise(pl.lit(LineState.WAITING.value))
    return new.select(
        *LINES.keys() - {"reason"}, "key",
        reason=pl.when(is_aside).then(pl.lit(OUT)).otherwise("reason"), state=state, is_automatic=is_aside,
        organisation_id=pl.lit(actor.organisation_id, pl.Int64), bank_account_id=pl.lit(account.pk, pl.Int64),
        statement_id=pl.lit(statement.pk, pl.Int64), currency=pl.lit(account.currency),
        confidence=pl.lit(0, pl.Int16), candidates=pl.lit("[]"), owner_id=pl.lit(None, pl.Int64),
        review_on=pl.lit(None, pl.Date),
        decided_by=pl.when(is_aside).then(pl.lit(actor.label)).otherwise(pl.lit("")),
        decided_at=pl.when(is_aside).then(pl.lit(clock.now)).otherwise(pl.lit(None)),
    )  # fmt: skip
