"""One gesture over many cases: what was previewed is what happens, and it can be taken back."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import selectors
from aldia.cases.models import BulkAction, Case, Hold
from aldia.cases.selectors import BULK_KINDS, BulkPreview, CaseQuery
from aldia.cases.services.assigning import assign
from aldia.cases.services.holding import HoldDraft, place_holds, release_holds_of
from aldia.cases.services.planning import change_stages


class BulkRefused(Exception):
    """A gesture that cannot be made: the selection changed since its preview, is empty or too large, or lacks a parameter."""


class BulkUndone(Exception):
    """The gesture was already taken back."""


@transaction.atomic
def bulk(
    *,
    actor: Actor,
    kind: str,
    params: dict[str, Any],
    selection: CaseQuery | Sequence[int],
    token: str,
    as_of: date,
    now: datetime,
) -> BulkAction:
    """Make a gesture over a selection and return it, with what it needs to be undone.

    Kinds: assign {user_id, team_id}, hold {hold_kind, ends_on (ISO or None), reason}, stage {stage, reason}, send {…}: the
    last only fixes the selection, and whoever orders the messages uses the identity `bulk:<id>`. `token` is that of
    `selectors.bulk_preview` of the same selection: were it another number of cases or money by now, nothing is done.
    Raises BulkRefused, NotAllowed.
    """
    actor.check(Permission.BULK_ACT)
    if kind not in BULK_KINDS:
        raise BulkRefused(_("No existe el gesto «%(kind)s».") % {"kind": kind})
    preview = _as_seen(actor, selection, token)
    action: BulkAction = BulkAction.objects.create(
        organisation_id=actor.organisation_id, kind=kind, params=params, before=_before(actor, kind, preview.case_ids),
        cases=preview.cases, made_by=actor.label, made_at=now,
    )  # fmt: skip
    _act(actor, action, preview.case_ids, as_of, now)
    audit.record(
        actor=actor,
        verb=f"cases.bulk.{kind}",
        object_type="bulk",
        object_id=action.pk,
        now=now,
        data={"cases": action.cases},
    )
    return action


def _as_seen(actor: Actor, selection: CaseQuery | Sequence[int], token: str) -> BulkPreview:
    """The selection of now, when it still is what its preview told. Raises BulkRefused."""
    preview = selectors.bulk_preview(actor, selection)
    if not preview.case_ids or preview.is_too_many:
        raise BulkRefused(_("Elige entre 1 y %(limit)s casos.") % {"limit": selectors.BULK_LIMIT})
    if preview.token != token:
        raise BulkRefused(
            _("La selección cambió: ahora son %(cases)s casos. Mírala otra vez.") % {"cases": preview.cases}
        )
    return preview


def _before(actor: Actor, kind: str, case_ids: Sequence[int]) -> list[list[Any]]:
    """What the gesture is going to change, as it is now: its undoing goes back there."""
    rows = Case.objects.of(actor.organisation_id).filter(pk__in=case_ids)
    if kind == "assign":
        return [list(row) for row in rows.values_list("pk", "holder_id", "team_id")]
    if kind == "stage":
        return [list(row) for row in rows.values_list("pk", "stage")]
    return [[pk] for pk in case_ids]


def _act(actor: Actor, action: BulkAction, case_ids: Sequence[int], as_of: date, now: datetime) -> None:
    params = action.params
    if action.kind == "assign":
        assign(
            actor=actor, case_ids=case_ids, user_id=params.get("user_id"), team_id=params.get("team_id"), as_of=as_of, now=now,
            reason=_source(action),
        )  # fmt: skip
    elif action.kind == "stage":
        if not params.get("stage"):
            raise BulkRefused(_("Falta la etapa."))
        stages = dict.fromkeys(case_ids, params["stage"])
        change_stages(actor=actor, stages=stages, as_of=as_of, now=now, reason=params.get("reason", ""))
    elif action.kind == "hold":
        ends_on = date.fromisoformat(params["ends_on"]) if params.get("ends_on") else None
        draft = HoldDraft(
            params.get("hold_kind", "manual"), as_of, ends_on, params.get("reason", ""), _source(action)
        )
        place_holds(actor=actor, holds=dict.fromkeys(case_ids, draft), now=now)


@transaction.atomic
def undo_bulk(*, actor: Actor, bulk_id: int, as_of: date, now: datetime) -> int:
    """Take a gesture back where nobody changed the case since; return how many cases are as before.

    Undoing `send` only marks it: whoever ordered the messages cancels those of `bulk:<id>`. Raises BulkUndone, NotAllowed.
    """
    actor.check(Permission.BULK_ACT)
    action: BulkAction = BulkAction.objects.of(actor.organisation_id).select_for_update().get(pk=bulk_id)
    if action.undone_at is not None:
        raise BulkUndone(_("Este gesto ya se deshizo."))
    action.undone_at = now
    action.save(update_fields=["undone_at"])
    undone = {"assign": _undo_assign, "stage": _undo_stage, "hold": _undo_hold}.get(
        action.kind, _undo_nothing
    )(actor, action, as_of, now)
    audit.record(
        actor=actor,
        verb="cases.bulk.undo",
        object_type="bulk",
        object_id=action.pk,
        now=now,
        data={"cases": undone},
    )
    return undone


def _undo_assign(actor: Actor, action: BulkAction, as_of: date, now: datetime) -> int:
    schema = {"account_id": pl.Int64, "holder_id": pl.Int64, "team_id": pl.Int64}
    before = pl.DataFrame(action.before, schema=schema, orient="row")
    params = action.params
    same = Case.objects.of(actor.organisation_id).filter(
        pk__in=before["account_id"].to_list(), holder_id=params.get("user_id")
    )
    if params.get("team_id") is not None:
        same = same.filter(team_id=params["team_id"])
    untouched = pl.DataFrame(
        {"account_id": list(same.values_list("pk", flat=True))}, schema={"account_id": pl.Int64}
    )
    undone = 0
    for (holder_id, team_id), group in before.join(untouched, on="account_id").group_by(
        ["holder_id", "team_id"]
    ):
        ids = group["account_id"].to_list()
        undone += len(ids)
        assign(
            actor=actor,
            case_ids=ids,
            user_id=holder_id,
            team_id=team_id,
            as_of=as_of,
            now=now,
            reason=_source(action),
        )
    return undone


def _undo_stage(actor: Actor, action: BulkAction, as_of: date, now: datetime) -> int:
    before = dict(action.before)
    rows = Case.objects.of(actor.organisation_id).filter(pk__in=list(before), stage=action.params["stage"])
    stages = {pk: before[pk] for pk in rows.values_list("pk", flat=True)}
    change_stages(actor=actor, stages=stages, as_of=as_of, now=now, reason=_source(action))
    return len(stages)


def _undo_hold(actor: Actor, action: BulkAction, as_of: date, now: datetime) -> int:
    del as_of
    source = _source(action)
    cases = (
        Hold.objects.of(actor.organisation_id)
        .filter(source=source, released_at__isnull=True)
        .values("case_id")
        .distinct()
        .count()
    )
    release_holds_of(actor=actor, source=source, now=now)
    return int(cases)


def _undo_nothing(actor: Actor, action: BulkAction, as_of: date, now: datetime) -> int:
    del actor, as_of, now
    return int(action.cases)


def _source(action: BulkAction) -> str:
    return f"bulk:{action.pk}"
