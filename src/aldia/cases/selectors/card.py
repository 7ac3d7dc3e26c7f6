"""One case with what a workspace shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from aldia.access.actors import Actor
from aldia.cases.models import Case, CaseBalance, Note, StageChange
from aldia.cases.points import points_of
from aldia.cases.refusals import UnknownCase
from aldia.cases.rules import attention_rule
from aldia.cases.selectors.filters import holds_in_force, is_narrowed, scope
from aldia.cases.selectors.sums import AgeingCell
from aldia.cases.steps import shown
from aldia.db.ahead import read_by
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.domain.ageing import DEFAULT_BUCKETS
from aldia.domain.attention import Priority
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.ledger.models import Account


@dataclass(frozen=True)
class BalanceFigures:
    """The case's money in one currency, minor units; due dates None when there is none."""

    currency: str
    total_minor: int
    overdue_minor: int
    unapplied_minor: int
    documents: int
    overdue_documents: int
    oldest_due_on: date | None
    next_due_on: date | None
    ageing: dict[str, AgeingCell]


@dataclass(frozen=True)
class HoldView:
    """A pause of the case or of one document, over [starts_on, ends_on)."""

    id: int
    kind: str
    kind_label: str
    document_id: int | None
    reason: str
    starts_on: date
    ends_on: date | None
    source: str
    placed_by: str
    placed_at: datetime


@dataclass(frozen=True)
class NoteView:
    """What somebody wrote on the case."""

    id: int
    body: str
    file_id: int | None
    author: str
    at: datetime


@dataclass(frozen=True)
class CaseCard:
    """A case for its screen. `dpd` in days; `priority` with its reasons; one `balances` row by currency with money."""

    id: int
    party_id: int
    creditor_id: int
    portfolio_id: int
    portfolio_name: str
    creditor_name: str
    name: str
    party_kind: str
    tax_id: str
    tax_id_kind: str
    tax_id_masked: str
    country: str
    region: str
    address: str
    language: str
    known_since_on: date | None
    is_open: bool
    stage: str
    stage_since_on: date
    cycle: int
    arrears_since_on: date | None
    team_id: int | None
    team_name: str
    holder_id: int | None
    holder_name: str
    next_step: str
    next_on: date
    next_at: datetime | None
    currency: str
    total_minor: int
    overdue_minor: int
    overdue_documents: int
    oldest_due_on: date | None
    dpd: int
    bucket: str
    balances: tuple[BalanceFigures, ...]
    promise_state: str
    promise_due_on: date | None
    has_dispute: bool
    last_contact_at: datetime | None
    last_outcome: str
    last_outcome_at: datetime | None
    holds: tuple[HoldView, ...]
    priority: Priority
    worth_minor: int
    reserved_by_id: int | None
    reserved_by_name: str
    reserved_until_at: datetime | None
    opened_on: date
    closed_on: date | None
    figures_on: date | None


def case(actor: Actor, case_id: int, *, as_of: date) -> CaseCard:
    """Return the case as it stands on a day. Raises UnknownCase."""
    row = _seen(actor, case_id)
    account = ledger.account(actor.organisation_id, case_id)
    names: dict[str, Any] = {
        "portfolio_name": account.portfolio.name, "creditor_name": account.portfolio.creditor.name,
        "team_name": row.team.name if row.team else "", "holder_name": row.holder.name if row.holder else "",
        "reserved_by_name": row.reserved_by.name if row.reserved_by else "",
    }  # fmt: skip
    return CaseCard(
        id=row.account_id, creditor_id=row.creditor_id, portfolio_id=row.portfolio_id, name=row.debtor_name,
        **names, **_party(account), **{name: getattr(row, name) for name in _AS_STORED}, next_step=shown(row.next_step),
        dpd=(as_of - row.oldest_due_on).days if row.oldest_due_on else 0, bucket=DEFAULT_BUCKETS.keys[row.bucket],
        balances=_balances(actor, case_id), holds=tuple(holds(actor, case_id, as_of=as_of)),
        priority=points_of(row, as_of, attention_rule(account.portfolio)),
    )  # fmt: skip


def debtor_name(actor: Actor, case_id: int) -> str:
    """Return the debtor's name. Raises UnknownCase when the actor may not see the case."""
    return _seen(actor, case_id).debtor_name


def check_seen(actor: Actor, case_id: int) -> None:
    """Raise UnknownCase when the actor may not see the case."""
    _seen(actor, case_id)


def is_seen(actor: Actor, case_id: int) -> bool:
    """Return whether what hangs from a case may be shown to the actor; asks nothing where everybody sees every case."""
    try:
        return not is_narrowed(actor) or bool(_seen(actor, case_id))
    except UnknownCase:
        return False


@remembered
def _seen(actor: Actor, case_id: int) -> Case:
    row: Case | None = next(iter(_row(actor.organisation_id, case_id)), None)
    if row is None or (is_narrowed(actor) and not scope(actor).filter(pk=case_id).exists()):
        raise UnknownCase(_("Ese caso no existe o no es tuyo."))
    return row


@prepared
def _row(organisation_id: int, case_id: int) -> Any:
    rows = Case.objects.of(organisation_id).filter(pk=case_id)
    return rows.select_related("team", "holder", "reserved_by")


_AS_STORED = (
    "is_open", "stage", "stage_since_on", "cycle", "arrears_since_on", "team_id", "holder_id", "next_on", "next_at", "currency",
    "total_minor", "overdue_minor", "overdue_documents", "oldest_due_on", "promise_state", "promise_due_on", "has_dispute",
    "last_contact_at", "last_outcome", "last_outcome_at", "reserved_by_id", "reserved_until_at", "opened_on", "closed_on",
    "figures_on", "worth_minor",
)  # fmt: skip


def _party(account: Account) -> dict[str, Any]:
    party = account.party
    place = parties.best_point(account.organisation_id, party.pk, account.creditor_id, "letter")
    return {
        "party_id": party.pk, "party_kind": party.kind, "tax_id": party.tax_id, "tax_id_kind": party.tax_id_kind,
        "tax_id_masked": parties.mask(party.tax_id), "country": party.country, "region": party.region,
        "address": place.value if place else "", "language": party.language, "known_since_on": party.known_since_on,
    }  # fmt: skip


def _balances(actor: Actor, case_id: int) -> tuple[BalanceFigures, ...]:
    rows = _balance_rows(actor.organisation_id, case_id)
    return tuple(_figures(row) for row in rows if row.is_own or row.documents or row.unapplied_minor)


@prepared
def _balance_rows(organisation_id: int, case_id: int) -> Any:
    return CaseBalance.objects.of(organisation_id).filter(case_id=case_id).order_by("-is_own", "currency")


def _figures(row: CaseBalance) -> BalanceFigures:
    ageing = {
        key: AgeingCell(getattr(row, f"documents_{number}"), getattr(row, f"open_{number}_minor"))
        for number, key in enumerate(DEFAULT_BUCKETS.keys)
    }
    stored = {name: getattr(row, name) for name in BalanceFigures.__dataclass_fields__ if name != "ageing"}
    return BalanceFigures(**stored, ageing=ageing)


def holds(actor: Actor, case_id: int, *, as_of: date) -> list[HoldView]:
    """Return the pauses that cover a day, the oldest first."""
    return [
        HoldView(row.pk, row.kind, str(row.get_kind_display()), row.document_id, row.reason, row.starts_on, row.ends_on,
                 row.source, row.placed_by, row.placed_at)
        for row in _holds(actor.organisation_id, case_id, as_of)
    ]  # fmt: skip


def read_ahead(organisation_id: int, case_ids: Sequence[int], *, as_of: date) -> None:
    """Read together what `holds` will be asked of each of these cases."""
    _holds.ahead(organisation_id, case_ids, as_of)


@read_by(lambda hold: hold.case_id)
def _holds(organisation_id: int, case_ids: list[int], as_of: date) -> Any:
    return holds_in_force(organisation_id, as_of).filter(case_id__in=case_ids).order_by("starts_on", "id")


def notes(actor: Actor, case_id: int) -> list[NoteView]:
    """Return the notes of a case, the newest first."""
    rows = _newest(Note, actor.organisation_id, case_id)
    return [NoteView(row.pk, row.body, row.file_id, row.author, row.at) for row in rows]


def history(actor: Actor, case_id: int) -> list[StageChange]:
    """Return the changes of stage, holder and cycle of a case, the newest first."""
    return _newest(StageChange, actor.organisation_id, case_id)


@prepared
def _newest(model: Any, organisation_id: int, case_id: int) -> Any:
    return model.objects.of(organisation_id).filter(case_id=case_id).order_by("-at", "-id")
