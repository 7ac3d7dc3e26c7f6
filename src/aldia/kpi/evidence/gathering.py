"""What the rooms keep about one person, section by section, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.cases import selectors as cases
from aldia.chat import selectors as chat
from aldia.contact import evidence as contact
from aldia.ledger import selectors as ledger
from aldia.outcomes.selectors.evidence import evidence as outcomes
from aldia.parties import selectors as parties
from aldia.payments import selectors as payments
from aldia.strategy.selectors.campaigns import decisions_of

Section = list[dict[str, Any]]
MOST_AUDITED: Final = 200  # newest events of each case; the whole chain stays in the product


@dataclass(frozen=True)
class Gathered:
    """The head of the evidence and its sections, each a list of records."""

    head: dict[str, Any]
    sections: dict[str, Section]


def gather(actor: Actor, party_id: int, *, clock: Clock) -> Gathered:
    """Return all that is kept about a person and whoever was merged into him. Raises Party.DoesNotExist."""
    organisation_id = actor.organisation_id
    person, house = parties.party(actor, party_id), access.organisation_of(actor)
    group = parties.group_of(organisation_id, party_id)
    rows = list(cases.scope(actor).filter(party_id__in=group).order_by("pk"))
    case_ids = [row.pk for row in rows]
    notices = contact.notices(organisation_id, group)
    sections: dict[str, Section] = {
        "cases": [_case(row) for row in rows],
        "points": [_point(row) for row in parties.points(actor, party_id)],
        "notices": notices,
        "touches": contact.touches(organisation_id, group),
        "decisions": decisions_of(organisation_id, case_ids),
        "calls": contact.calls(actor, group),
        "replies": contact.replies(organisation_id, case_ids),
        "chat": chat.evidence(organisation_id, case_ids),
        "links": contact.links(organisation_id, group),
        "reported_payments": _reported(actor, case_ids),
        "consents": [_consent(row) for row in parties.consents_told(organisation_id, party_id)],
        **outcomes(organisation_id, case_ids),
        "journal": [asdict(line) for case_id in case_ids for line in ledger.journal(actor, case_id=case_id)],
        "audit": [event for case_id in case_ids for event in _audit(actor, case_id)],
        "rules": contact.rules_cited(organisation_id, notices),
    }
    head = {
        "organisation": {"key": house.key, "name": house.name, "country": house.country, "is_sandbox": house.is_sandbox},
        "person": _fields(person, "id", "kind", "name", "tax_id", "tax_id_kind", "country", "region", "language", "timezone"),
        "merged": [one for one in group if one != person.pk],
        "as_of": clock.as_of, "made_at": clock.now, "made_by": actor.label,
    }  # fmt: skip
    return Gathered(plain(head), {name: plain(section) for name, section in sections.items()})


def plain(value: Any) -> Any:
    """Return the value as JSON knows it: days and instants as ISO text, instants in UTC; a number that is no integer as text."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def _fields(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _case(row: Any) -> dict[str, Any]:
    return _fields(
        row,
        "pk",
        "portfolio_id",
        "party_id",
        "debtor_name",
        "is_open",
        "stage",
        "overdue_minor",
        "total_minor",
        "currency",
    )


def _point(row: Any) -> dict[str, Any]:
    return _fields(
        row, "id", "creditor_id", "kind", "value", "label", "state", "source", "created_at", "verified_at"
    )


def _reported(actor: Actor, case_ids: Sequence[int]) -> Section:
    fields = (
        "id",
        "case_id",
        "amount_minor",
        "currency",
        "paid_on",
        "means",
        "note",
        "file_id",
        "state",
        "reported_by",
        "reported_at",
    )
    return list(
        payments.reported(actor, is_open=None).filter(case_id__in=case_ids).order_by("pk").values(*fields)
    )


def _consent(row: Any) -> dict[str, Any]:
    return _fields(
        row, "id", "creditor_id", "channel", "is_granted", "at", "evidence", "recorded_by", "takes_back_id"
    )


def _audit(actor: Actor, case_id: int) -> Section:
    page = access.audit_events(actor, limit=MOST_AUDITED, object_type="case", object_id=str(case_id))
    return [_fields(row, "id", "at", "actor", "verb", "object_id", "data") for row in page.rows]
