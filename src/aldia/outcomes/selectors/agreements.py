"""Reads of negotiation: which policy holds for a case, what may be offered, and agreements as lists and one by one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, prefetch_related_objects

from aldia.access.actors import Actor
from aldia.cases import selectors as cases
from aldia.db.memory import remembered
from aldia.db.pages import Page, paged
from aldia.db.prepared import prepared
from aldia.domain.negotiation import Debt, Offer, from_data, offers
from aldia.domain.negotiation import NegotiationPolicy as Rules
from aldia.domain.promises import Instalment
from aldia.ledger import selectors as ledger
from aldia.outcomes.models import (
    Acceptance,
    Agreement,
    AgreementState,
    NegotiationPolicy,
    NegotiationVersion,
    Promise,
    PromiseState,
)


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy with its newest rules."""

    id: int
    key: str
    name: str
    portfolio_id: int | None
    segment_key: str
    is_active: bool
    version_id: int
    number: int
    made_at: datetime
    rules: Rules


@dataclass(frozen=True, slots=True)
class Table:
    """What there is to negotiate: the debt, the documents it is made of (id, open minor), the policy, and what may be offered."""

    debt: Debt
    covers: tuple[tuple[int, int], ...]
    policy: PolicyView
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement as lists and its own page show it; amounts in minor units. `paid_minor`, `kept` and `missed` of its plan."""

    id: int
    case_id: int
    debtor_name: str
    currency: str
    debt_minor: int
    discount_minor: int
    interest_minor: int
    total_minor: int
    lines: tuple[Instalment, ...]
    state: str
    needs: str
    text: str
    valid_until_on: date
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    reason: str
    evidence: str
    plan_id: int | None
    file_id: int | None
    closed_on: date | None
    paid_minor: int = 0
    kept: int = 0
    missed: int = 0


def negotiation_policies(actor: Actor) -> list[PolicyView]:
    """Return every policy with its newest rules, by name."""
    rows = NegotiationPolicy.objects.of(actor.organisation_id)
    newest: dict[int, NegotiationVersion] = {}
    for version in NegotiationVersion.objects.of(actor.organisation_id).order_by("number"):
        newest[version.policy_id] = version
    return [_policy(row, newest[row.pk]) for row in rows if row.pk in newest]


def _policy(row: NegotiationPolicy, version: NegotiationVersion) -> PolicyView:
    return PolicyView(
        row.pk, row.key, row.name, row.portfolio_id, row.segment_key, row.is_active, version.pk, version.number,
        version.made_at, from_data(version.rules),
    )  # fmt: skip


def policy_of(actor: Actor, portfolio_id: int, segments: Collection[str] = ()) -> PolicyView | None:
    """Return the policy that holds: of the portfolio and a segment, of the portfolio, of a segment, of the house; or None."""
    found = [
        row
        for row in negotiation_policies(actor)
        if row.is_active
        and row.portfolio_id in (None, portfolio_id)
        and (not row.segment_key or row.segment_key in segments)
    ]
    ranked = sorted(found, key=lambda row: (row.portfolio_id is None, row.segment_key == "", row.name))
    return ranked[0] if ranked else None


def negotiable(
    actor: Actor, case_id: int, currency: str, *, as_of: date
) -> tuple[Debt, tuple[tuple[int, int], ...]]:
    """Return what an agreement would be about: what is overdue in a currency, or all of it when nothing is."""
    lines = ledger.documents(actor, case_id=case_id, as_of=as_of, is_open=True)
    owed = [line for line in lines if line.currency == currency and line.open_minor > 0]
    chosen = [line for line in owed if line.dpd > 0] or owed
    names = {ledger.document_name(line.id): line.id for line in chosen}
    items, _issued = ledger.open_items(actor, case_id=case_id, currency=currency)
    components: dict[str, int] = {}
    covers: dict[int, int] = {}
    for item in items:
        if item.document in names and item.open_minor > 0:
            components[item.component] = components.get(item.component, 0) + item.open_minor
            covers[names[item.document]] = covers.get(names[item.document], 0) + item.open_minor
    late = max((line.dpd for line in chosen), default=0)
    return Debt(components, max(late, 0), currency), tuple(covers.items())


def table(
    actor: Actor, case_id: int, *, currency: str, first_on: date, as_of: date, segments: Collection[str] = ()
) -> Table | None:
    """Return what the actor may offer a case; None where no policy holds. Raises LookupError."""
    portfolio_id, _creditor, _party = ledger.account_of(actor, case_id)
    policy = policy_of(actor, portfolio_id, segments)
    if policy is None:
        return None
    debt, covers = negotiable(actor, case_id, currency, as_of=as_of)
    found = offers(policy.rules, debt, role=actor.role, first_on=first_on, as_of=as_of)
    return Table(debt, covers, policy, found)


def agreements(
    actor: Actor, cursor: str | None = None, *, state: str | None = None, limit: int = 50
) -> Page[AgreementLine]:
    """Return a page of agreements, the newest first. Raises BadCursor."""
    rows = _seen(actor).select_related("case", "plan").prefetch_related("plan__promises")
    if state is not None:
        rows = rows.filter(state=state)
    return paged(rows, by="proposed_at", is_newest_first=True, cursor=cursor, limit=limit, made=_line)


def agreement_counts(actor: Actor) -> dict[str, int]:
    """Return how many agreements of each state the actor sees."""
    rows = _seen(actor).values("state").annotate(many=Count("pk")).values_list("state", "many")
    return dict.fromkeys(AgreementState.values, 0) | dict(rows.order_by())


def agreement(actor: Actor, agreement_id: int) -> AgreementLine:
    """Return one agreement of a case that the actor sees. Raises Agreement.DoesNotExist."""
    rows = _seen(actor).select_related("case", "plan").prefetch_related("plan__promises")
    return _line(rows.get(pk=agreement_id))


def agreements_of_case(actor: Actor, case_id: int) -> list[AgreementLine]:
    """Return the agreements of a case, the newest first."""
    rows = agreement_rows(actor, case_id)
    prefetch_related_objects([row.plan for row in rows if row.plan is not None], "promises")
    return [_line(row) for row in rows]


@remembered
def agreement_rows(actor: Actor, case_id: int) -> list[Agreement]:
    """Return the rows behind `agreements_of_case`, for this room's own history."""
    return _agreements_of(actor.organisation_id, case_id) if cases.is_seen(actor, case_id) else []


@prepared
def _agreements_of(organisation_id: int, case_id: int) -> Any:
    return (
        Agreement.objects.of(organisation_id)
        .filter(case_id=case_id)
        .select_related("case", "plan")
        .order_by("-pk")
    )


def acceptance(actor: Actor, agreement_id: int) -> Acceptance | None:
    """Return what seals an agreement, once it was accepted."""
    found: Acceptance | None = (
        Acceptance.objects.of(actor.organisation_id).filter(agreement_id=agreement_id).first()
    )
    return found


def _seen(actor: Actor) -> Any:
    return cases.of_seen_cases(actor, Agreement.objects.of(actor.organisation_id))


def instalments_of(row: Agreement) -> tuple[Instalment, ...]:
    """Return the lines of an agreement."""
    return tuple(Instalment(number, date.fromisoformat(on), minor) for number, on, minor in row.lines)


def _line(row: Agreement) -> AgreementLine:
    parts: list[Promise] = list(row.plan.promises.all()) if row.plan is not None else []
    return AgreementLine(
        row.pk, row.case_id, row.case.debtor_name, row.currency, row.debt_minor, row.discount_minor, row.interest_minor,
        row.total_minor, instalments_of(row), row.state, row.needs, row.text, row.valid_until_on, row.proposed_by,
        row.proposed_at, row.decided_by, row.reason, row.evidence, row.plan_id, row.file_id, row.closed_on,
        sum(min(part.kept_minor, part.amount_minor) for part in parts), sum(part.state == PromiseState.KEPT for part in parts),
        sum(part.state in (PromiseState.BROKEN, PromiseState.PARTIAL) for part in parts),
    )  # fmt: skip
