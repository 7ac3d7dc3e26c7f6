"""The last word before an order leaves: balance, holds, reachability, consent and the law, looked at again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from aldia.access import actors
from aldia.cases import selectors as cases
from aldia.contact import law
from aldia.contact.models import GateProof, Order
from aldia.domain.compliance.gate import Verdict
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.parties.models import ContactPoint


@dataclass(frozen=True)
class Go:
    """The order may leave now, to this point. `local_on`: the debtor's own calendar day."""

    point: ContactPoint
    local_on: date
    proof: GateProof | None = None


@dataclass(frozen=True)
class Wait:
    """Not now; the law allows it from `until` on."""

    until: datetime
    reason: str
    args: dict[str, Any] = field(default_factory=dict)
    proof: GateProof | None = None


@dataclass(frozen=True)
class Stop:
    """It will not leave, for a reason that waiting does not mend."""

    reason: str
    args: dict[str, Any] = field(default_factory=dict)
    proof: GateProof | None = None


def recheck(order: Order, *, organisation: Organisation, now: datetime) -> Go | Wait | Stop:
    """Return what may happen to the order at this instant; with it, still to be written, the proof of the law's answer."""
    about = law.matter(organisation.pk, order.case_id, on=now.date())
    as_of = now.astimezone(about.zones[0]).date()
    if order.purpose == "collection":
        settled = _settled_or_held(order, as_of)
        if settled is not None:
            return settled
    point = _point_of(order)
    if point is None:
        return Stop("no_contact_point", {"channel": order.channel})
    if order.purpose == "requested":
        return Go(point, as_of)  # the person asked for it a moment ago: a code is an answer, not a contact
    verdict = law.ask(
        about,
        channel=order.channel,
        at=now,
        is_automated=not _is_manual(order),
        purpose=order.purpose,
        besides_order=order.pk,
    )
    proof = proof_of(order, verdict, now)
    if verdict.allowed:
        return Go(point, as_of, proof)
    first = verdict.reasons[0]
    args = {"rule": first.rule_id, **dict(first.args)}
    if verdict.next_allowed_at is not None:
        return Wait(verdict.next_allowed_at, first.code, args, proof)
    return Stop(first.code, args, proof)


def grounds(order: Order, *, as_of: date) -> tuple[object, ...]:
    """Return all that the answer stands on and somebody may change at any moment: while it is equal, the answer holds.

    What is owed, the pauses, what the person wants and where it can be reached.
    """
    organisation_id = order.organisation_id
    actor = actors.system(organisation_id)
    points = parties.active_points(organisation_id, order.party_id, order.creditor_id)
    return (
        ledger.documents(actor, case_id=order.case_id, as_of=as_of, is_open=True),
        cases.holds(actor, order.case_id, as_of=as_of),
        parties.wishes(organisation_id, order.party_id, order.creditor_id),
        {point.pk: point.value for point in points},
    )


def _settled_or_held(order: Order, as_of: date) -> Stop | None:
    lines = ledger.documents(
        actors.system(order.organisation_id), case_id=order.case_id, as_of=as_of, is_open=True
    )
    chosen = [line for line in lines if not order.document_ids or line.id in order.document_ids]
    if sum(line.open_minor > 0 for line in chosen) == 0:
        return Stop("settled")
    if _is_manual(order):
        return None  # a person who decides to write sees the hold on the screen
    kind = law.held_by(
        order.organisation_id, order.case_id, document_ids=order.document_ids, as_of=as_of,
        through=order.extra.get("through_holds", ()),
    )  # fmt: skip
    return Stop("held", {"hold": kind}) if kind else None


def _point_of(order: Order) -> ContactPoint | None:
    if order.contact_point_id is not None:
        points = parties.active_points(order.organisation_id, order.party_id, order.creditor_id)
        chosen = next((point for point in points if point.pk == order.contact_point_id), None)
        if chosen is not None:
            return chosen
    return parties.best_point(order.organisation_id, order.party_id, order.creditor_id, order.channel)


def _is_manual(order: Order) -> bool:
    return order.identity.startswith("manual:")


def proof_of(order: Order, verdict: Verdict, now: datetime) -> GateProof:
    """Return, still to be written, the proof of what the law answered about an order, or about one that was not even placed."""
    return GateProof(
        organisation_id=order.organisation_id,
        order_id=order.pk,
        party_id=order.party_id,
        case_id=order.case_id,
        channel=order.channel,
        at=now,
        local_time=f"{verdict.at_local:%Y-%m-%d %H:%M %Z}",
        is_allowed=verdict.allowed,
        rules_version=verdict.rule_version,
        reasons=[[reason.rule_id, reason.code, dict(reason.args)] for reason in verdict.reasons],
        inputs={"missing": list(verdict.missing), "purpose": order.purpose},
    )
