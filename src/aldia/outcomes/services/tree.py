"""The outcome tree as data: shipped once, edited by the organisation, never left without a next step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.domain.outcome_tree import CONTACT_LABELS, DEFAULT_TREE
from aldia.domain.outcomes import BadOutcomeTree, ContactLevel, OutcomeTree, tree_as_data, tree_from_data
from aldia.outcomes.models import OutcomeType
from aldia.outcomes.selectors.tree import BRANCH, tree_data


class OutcomeTypeRefused(ValueError):
    """The tree would break a rule (no next step, a repeated letter, an effect that lacks its answers); the text says which."""


class UnknownOutcomeType(LookupError):
    """There is no outcome with that key in this organisation."""


@transaction.atomic
def ensure_outcome_tree(*, organisation_id: int) -> OutcomeTree:
    """Write the tree that ships as rows when the organisation has none; return the organisation's tree."""
    rows = OutcomeType.objects.of(organisation_id)
    if not rows.exists():
        branches = {
            level.value: _branch(organisation_id, at, level) for at, level in enumerate(CONTACT_LABELS)
        }
        for position, data in enumerate(tree_as_data(DEFAULT_TREE), start=1):
            _write(organisation_id, data, branches[data["contact"]], position)
    return tree_from_data(tree_data(rows.all()), CONTACT_LABELS)


@transaction.atomic
def save_outcome_type(*, actor: Actor, data: Mapping[str, Any], now: datetime) -> OutcomeType:
    """Return the result that `data` describes, new or changed by its key.

    `data` is one row of `domain.outcomes.tree_as_data`: key, contact, label {es, en, pt}, effect, letter, is_active,
    next_step {kind, business_days, counts_from}, fields, reasons. What was logged with it before stays as it was.
    Raises OutcomeTypeRefused, NotAllowed.
    """
    actor.check(Permission.EDIT_SETTINGS)
    ensure_outcome_tree(organisation_id=actor.organisation_id)
    rows = list(OutcomeType.objects.of(actor.organisation_id).select_for_update())
    others = [row for row in tree_data(rows) if row["key"] != data.get("key")]
    try:
        tree_from_data([*others, data])
    except BadOutcomeTree as problem:
        raise OutcomeTypeRefused(
            _("No se puede guardar el resultado: %(problem)s") % {"problem": problem}
        ) from problem
    branch = next(row for row in rows if row.key == BRANCH + data["contact"])
    known = next((row for row in rows if row.key == data["key"]), None)
    saved = _write(actor.organisation_id, data, branch, known.position if known else len(rows))
    _record(actor, "outcomes.type.save", saved, now)
    return saved


@transaction.atomic
def deactivate_outcome_type(*, actor: Actor, key: str, now: datetime) -> OutcomeType:
    """Return the result, no longer offered; what was logged with it keeps its name. Raises UnknownOutcomeType, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    ensure_outcome_tree(organisation_id=actor.organisation_id)
    row: OutcomeType | None = (
        OutcomeType.objects.of(actor.organisation_id)
        .filter(key=key, parent__isnull=False)
        .select_for_update(of=("self",))
        .first()
    )
    if row is None:
        raise UnknownOutcomeType(_("No hay un resultado con la clave «%(key)s».") % {"key": key})
    row.is_active = False
    row.save(update_fields=["is_active"])
    _record(actor, "outcomes.type.deactivate", row, now)
    return row


def _branch(organisation_id: int, position: int, level: ContactLevel) -> OutcomeType:
    row: OutcomeType = OutcomeType.objects.create(
        organisation_id=organisation_id, key=BRANCH + level.value, labels=CONTACT_LABELS[level].as_data(), position=position,
        **_contact_flags(level),
    )  # fmt: skip
    return row


def _contact_flags(level: ContactLevel) -> dict[str, bool]:
    return {
        "is_contact": level is not ContactLevel.NO_CONTACT,
        "is_right_party": level is ContactLevel.RIGHT_PARTY,
    }


def _write(organisation_id: int, data: Mapping[str, Any], branch: OutcomeType, position: int) -> OutcomeType:
    """The result's row and one row for each of its reasons; a reason that is gone is kept inactive."""
    values = {
        "parent": branch, "labels": data["label"], "shortcut": data.get("letter", ""), "asks": list(data.get("fields", ())),
        "effects": [data.get("effect", "none")], "next_step": dict(data["next_step"]), "position": position,
        "is_active": data.get("is_active", True), **_contact_flags(ContactLevel(data["contact"])),
    }  # fmt: skip
    rows = OutcomeType.objects.of(organisation_id)
    row: OutcomeType
    row, _created = rows.update_or_create(organisation_id=organisation_id, key=data["key"], defaults=values)
    reasons = {f"{row.key}.{reason['key']}": reason["label"] for reason in data.get("reasons", ())}
    rows.filter(parent=row).exclude(key__in=reasons).update(is_active=False)
    for at, (key, labels) in enumerate(reasons.items()):
        defaults = {
            "parent": row,
            "labels": labels,
            "position": at,
            "is_active": True,
            **_contact_flags(ContactLevel(data["contact"])),
        }
        rows.update_or_create(organisation_id=organisation_id, key=key, defaults=defaults)
    return row


def _record(actor: Actor, verb: str, row: OutcomeType, now: datetime) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="outcome_type", object_id=row.pk, now=now, data={"key": row.key}
    )
