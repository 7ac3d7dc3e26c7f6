"""Bank files into payments: every statement, title and returned payment of a file, all of it or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access.permissions import Permission
from aldia.domain.money import MoneyError, Rounding, to_minor
from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.tabular import ReadOptions
from aldia.intake.mapping.fields import Kind
from aldia.intake.mapping.mapping import Mapping
from aldia.intake.readers.refusals import FileRefused, Refused
from aldia.intake.readers.registry import Normalised, reader_of
from aldia.ledger import services as ledger
from aldia.payments import reconciliation
from aldia.payments import services as payments

if TYPE_CHECKING:
    from pathlib import Path

    from aldia.access.actors import Actor, Clock

RETURNED_TITLES = {"CNAB 240": {"44"}, "CNAB 400": {"69"}}
"""Occurrences that take a title's payment back: its cheque was returned."""


@dataclass(frozen=True, slots=True)
class BankRequest:
    """What the file does not say: whose account, where unidentified money waits, the currency and reading of a table."""

    account: str = ""
    portfolio_id: int | None = None
    currency: str = ""
    mapping: dict[str, Any] | None = None
    rounding: str = ""


@dataclass
class BankResult:
    """What a bank file brought and what became of it."""

    statements: int = 0
    lines: int = 0
    new: int = 0
    automatic: int = 0
    returned: int = 0
    waiting: int = 0
    pending: int = 0
    unbalanced: list[str] = field(default_factory=list)
    unknown_returns: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


class NotABankFile(Refused):
    """Raised when a file was read and has no statement, title or returned payment."""


def take_bank_file(
    *,
    actor: Actor,
    path: Path,
    name: str,
    request: BankRequest,
    clock: Clock,
    is_dry_run: bool = False,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> BankResult:
    """Keep what the file tells, then match what waits. With `is_dry_run` nothing stays.

    Raises FileRefused, NotABankFile, BadStatement and UnknownBankAccount of payments, NotAllowed.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    result = BankResult()
    content = path.read_bytes()
    answer = _read(actor, path, request)
    with transaction.atomic():
        accounts = _take(actor, answer, content, name, request, clock, result)
        if is_dry_run:
            _match(actor, accounts, clock, result, on_step)
            transaction.set_rollback(True)
            return result
    _match(actor, accounts, clock, result, on_step)
    return result


def match_again(
    *,
    actor: Actor,
    clock: Clock,
    is_dry_run: bool = False,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> BankResult:
    """Match what waits on every bank account once more; nothing new comes in."""
    result = BankResult()
    accounts = list(reconciliation.bank_accounts(actor).values_list("pk", flat=True))
    if not is_dry_run:
        _match(actor, accounts, clock, result, on_step)
        return result
    with transaction.atomic():
        _match(actor, accounts, clock, result, on_step)
        transaction.set_rollback(True)
    return result


def _match(
    actor: Actor,
    accounts: Sequence[int],
    clock: Clock,
    result: BankResult,
    on_step: Callable[[int, int], None],
) -> None:
    for account_id in accounts:
        done = payments.match_lines(actor=actor, clock=clock, bank_account_id=account_id, on_step=on_step)
        result.automatic += done.automatic
        result.returned += done.returned
    result.totals = [asdict(total) for total in reconciliation.totals(actor)]
    result.waiting = sum(total["waiting_lines"] for total in result.totals)


def _read(actor: Actor, path: Path, request: BankRequest) -> Normalised:
    """The file's records. Raises FileRefused, NotABankFile."""
    reader = reader_of(path)
    mapping = request.mapping or reconciliation.mapping_of(actor, request.account)
    options = ReadOptions(
        kind=Kind.RECEIPTS, mapping=Mapping.from_dict(mapping) if mapping else None,
        load=LoadOptions(currency=request.currency or None, round=Rounding(request.rounding) if request.rounding else None),
    )  # fmt: skip
    answer = reader.read(path, options if reader.name != "records" else None)
    if not any(answer.get(part) for part in ("statements", "titles", "returns")):
        raise _without_records(answer)
    return answer


def _without_records(answer: Normalised) -> NotABankFile:
    """Why there is nothing: what stopped the reading, in its field, else that this is no bank file."""
    for each in answer.get("problems", ()):
        if each.get("severity") == "error":
            found, expected, hint, field = (
                str(each[name]) for name in ("found", "expected", "hint", "field")
            )
            return NotABankFile(str(each["code"]), found=found, expected=expected, hint=hint, field=field)
    return NotABankFile(
        "no_bank_records", found=_("Este no trae movimientos de banco."), field="file",
        expected=_("Aquí va un extracto, un retorno de cobranza o un informe de devoluciones."),
        hint=_("Si son facturas o cobros con su cliente, usa Importar."),
    )  # fmt: skip


def _take(
    actor: Actor,
    answer: Normalised,
    content: bytes,
    name: str,
    request: BankRequest,
    clock: Clock,
    result: BankResult,
) -> list[int]:
    """Keep everything and return the accounts that have lines."""
    stored = ledger.store_file(
        actor=actor, name=name, content_type="application/octet-stream", content=content, now=clock.now
    )
    digest = hashlib.sha256(content).hexdigest()
    accounts: list[int] = []
    told = [
        part for each in (*answer.get("statements", ()), *_of_titles(answer)) for part in _by_currency(each)
    ]
    for turn, statement in enumerate(told):
        account = payments.ensure_bank_account(
            actor=actor, number=statement.get("account") or request.account, clock=clock,
            currency=statement.get("currency") or request.currency, portfolio_id=request.portfolio_id,
        )  # fmt: skip
        draft = _draft(answer["format"], statement, account.currency, digest, turn, result)
        taken = payments.take_statement(
            actor=actor, bank_account_id=account.pk, draft=draft, clock=clock, file_id=stored.pk
        )
        result.statements += 1
        result.lines += taken.lines
        result.new += taken.new
        if taken.is_balanced is False:
            result.unbalanced.append(str(account))
        if request.mapping and answer.get("mapping"):  # told by a person; a guess is made again each time
            payments.remember_mapping(actor=actor, bank_account_id=account.pk, mapping=answer["mapping"])
        accounts.append(account.pk)
    if not answer.get("statements"):
        _take_returns(actor, answer.get("returns", ()), clock, result)
    result.problems += answer.get("problems", ())
    return list(dict.fromkeys(accounts))


def _take_returns(actor: Actor, returns: Sequence[dict[str, Any]], clock: Clock, result: BankResult) -> None:
    drafts = [
        payments.ReturnDraft(
            each["reference"] or "", _minor(each["amount"], each["currency"]) if each["amount"] and each["currency"] else None,
            each["currency"] or "", " ".join(filter(None, (each["reason"], each["text"])))[:60], _day(each["on"]),
        )
        for each in returns
    ]  # fmt: skip
    done = payments.take_back_reported(actor=actor, returns=drafts, clock=clock)
    result.returned += done.reversed
    result.unknown_returns += done.unknown


def _of_titles(answer: Normalised) -> list[dict[str, Any]]:
    """The titles that brought or took back money, as a statement of the bank's collection account."""
    returned = RETURNED_TITLES.get(answer["format"], set())
    entries = [
        {
            "booked_on": title.get("credited_on") or title.get("occurred_on"),
            "amount": title["paid"] if title["settled"] else f"-{title['paid']}",
            "reference": title["our_number"] or title["document"], "text": f"{title['our_number'] or ''} {title['document'] or ''}",
            "returned": not title["settled"], "reason": title["occurrence"],
            "party": title.get("payer"), "party_tax_id": title.get("payer_id"),
        }
        for title in answer.get("titles", ())
        if title["settled"] or title["occurrence"] in returned
    ]  # fmt: skip
    if not entries:
        return []
    return [{"account": f"CNAB {answer.get('version') or ''}", "currency": "BRL", "entries": entries}]


def _by_currency(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """The statement, and one more of the same account for each other currency among its lines: ten dollars are not ten pesos.

    The balances of an account that mixes them prove nothing, so the opening one is not told.
    """
    own = statement.get("currency")
    lines: dict[str | None, list[Any]] = {own: []}
    for each in statement["entries"]:
        lines.setdefault(own and (each.get("currency") or own), []).append(each)
    if len(lines) == 1:
        return [statement]
    mine, *others = (
        {**statement, "currency": code, "opening": None, "entries": entries}
        for code, entries in lines.items()
    )
    return [mine, *({**other, "closing": None} for other in others)]


def _draft(
    format_name: str, statement: dict[str, Any], currency: str, digest: str, turn: int, result: BankResult
) -> payments.StatementDraft:
    booked = [entry for entry in statement["entries"] if not entry.get("is_pending")]
    result.pending += len(statement["entries"]) - len(booked)
    rows = [row for entry in booked for row in _rows(entry, currency)]
    balances = [statement.get(name) for name in ("opening", "closing")]
    opening, closing = (None if text is None else _minor(text, currency) for text in balances)
    return payments.StatementDraft(
        format=format_name, number=statement.get("number") or "", digest=digest, turn=turn, opening_minor=opening,
        closing_minor=closing, lines=pl.DataFrame(rows, schema=payments.LINES),
    )  # fmt: skip


def _rows(entry: dict[str, Any], currency: str) -> list[dict[str, Any]]:
    """One line an entry, or one for each payment of a batch whose parts make up its amount."""
    parts = entry.get("transactions") or []
    amounts = [part["amount"] for part in parts]
    if len(parts) > 1 and None not in amounts and all(part["currency"] in {None, currency} for part in parts):
        minors = [_minor(amount, currency) for amount in amounts]
        if sum(minors) == _minor(entry["amount"], currency):
            return [_row(entry, part, minor) for part, minor in zip(parts, minors, strict=True)]
    return [_row(entry, parts[0] if len(parts) == 1 else {}, _minor(entry["amount"], currency))]


def _row(entry: dict[str, Any], part: dict[str, Any], minor: int) -> dict[str, Any]:
    extra = [text for text in (part.get("reference"), *part.get("structured", ())) if text]
    own = entry.get("reference") if not part or not part.get("reference") else part["reference"]
    text = part.get("text") or entry.get("text") or ""
    return {
        "booked_on": _day(entry.get("booked_on") or entry.get("valued_on")), "amount_minor": minor, "reference": own or "",
        "text": " ".join(dict.fromkeys([text, *extra])).strip(), "payer": part.get("party") or entry.get("party") or "",
        "payer_account": part.get("party_account") or "",
        "payer_tax_id": part.get("party_tax_id") or entry.get("party_tax_id") or "",
        "is_returned": bool(part.get("returned") or entry.get("returned")) and minor < 0,
        "reason": part.get("reason") or entry.get("reason") or "",
    }  # fmt: skip


def _minor(text: str, currency: str) -> int:
    """Return minor units. Raises FileRefused for an amount finer than its currency."""
    try:
        return to_minor(Decimal(text), currency, rounding=None)
    except MoneyError as problem:
        raise FileRefused(
            "amount_too_fine", found=_("Un importe de %(found)s en %(currency)s.") % {"found": text, "currency": currency},
            expected=_("Un importe con los decimales de su moneda."), hint=_("Pide el extracto corregido al banco."), field="file",
        ) from problem  # fmt: skip


def _day(told: str | date | None) -> date | None:
    return date.fromisoformat(told) if isinstance(told, str) else told
