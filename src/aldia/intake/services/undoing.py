"""Takes the last load of a source back, by reversal: nothing is erased, and the same file may load again."""

from __future__ import annotations

import json

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.intake.models import Load, LoadChange, LoadState, Source
from aldia.intake.services.merging import refresh_cases
from aldia.intake.services.people import told_by
from aldia.ledger import facts as ledger
from aldia.ledger import services as ledger_services
from aldia.parties import services as parties
from aldia.payments import services as payments


class UnableToUndo(Exception):
    """Raised when a load is not the last merged one of its source; says which one has to be undone first."""


def undo(*, actor: Actor, load_id: int, clock: Clock) -> Load:
    """Return the load undone: postings reversed, receipts reversed, changed documents as they were before, consents
    and refusals that it told taken back.

    Raises UnableToUndo, NotAllowed, Load.DoesNotExist.
    """
    actor.check(Permission.LOAD_FILES)
    with transaction.atomic():
        row = _last_of_its_source(actor, load_id)
        payments.reverse_load(actor=actor, load_id=row.pk, clock=clock)
        payments.give_back(actor=actor, load_id=row.pk, now=clock.now)
        payments.forget_names(actor=actor, load_id=row.pk)
        _reverse_postings(actor, row, clock)
        _restore_documents(actor, row)
        _take_back_wishes(actor, row, clock)
        row.state, row.undone_at = LoadState.UNDONE, clock.now
        row.save(update_fields=["state", "undone_at"])
        _forget_refresh(actor, row)
        audit.record(
            actor=actor, verb="intake.load.undo", object_type="load", object_id=row.pk, now=clock.now
        )
    refresh_cases(actor=actor, clock=clock)
    return row


def _last_of_its_source(actor: Actor, load_id: int) -> Load:
    loads = Load.objects.of(actor.organisation_id)
    row: Load = loads.select_for_update().get(pk=load_id)
    if row.state != LoadState.MERGED:
        raise UnableToUndo(_("Esta importación no está hecha, o ya se deshizo."))
    later = (
        loads.filter(source_id=row.source_id, state=LoadState.MERGED, pk__gt=row.pk).order_by("-pk").first()
    )
    if later is not None:
        raise UnableToUndo(
            _("Antes hay que deshacer la importación %(number)s, que es posterior.") % {"number": later.pk}
        )
    return row


def _reverse_postings(actor: Actor, row: Load, clock: Clock) -> None:
    """Each on its own day, so that every past balance is as if the load had never been."""
    posted = ledger.postings_of(
        actor.organisation_id, portfolio_id=_source_of(row).portfolio_id, source=f"load:{row.pk}"
    )
    if posted.height:
        ledger_services.reverse_frame(actor=actor, posting_ids=posted["posting_id"], on=None, now=clock.now)


def _restore_documents(actor: Actor, row: Load) -> None:
    known = ledger.known_documents(
        actor.organisation_id, portfolio_id=_source_of(row).portfolio_id, source=_source_of(row).key
    )
    changes = list(LoadChange.objects.of(actor.organisation_id).filter(load=row))
    touched = [change.document_id for change in changes]
    fresh = known.filter((pl.col("load_id") == row.pk) & ~pl.col("document_id").is_in(touched))
    if fresh.height:
        ledger_services.change_documents(
            organisation_id=actor.organisation_id,
            changes=fresh.select(
                "document_id",
                state=pl.lit("CANCELLED"),
                reference=pl.concat_str(pl.col("reference").str.slice(0, 100), pl.lit(f"~{row.pk}")),
            ),
            columns=["state", "reference"],
        )
    _restore(actor, [change for change in changes if change.action == "settled"], ["state"])
    _restore(
        actor,
        [change for change in changes if change.action == "changed"],
        ["number", "kind", "issued_on", "due_on", "original_minor", "is_disputed"],
    )


def _take_back_wishes(actor: Actor, row: Load, clock: Clock) -> None:
    if row.merged_at is not None:
        evidence = f"{parties.FROM_FILE}{told_by(row.pk)}"
        parties.take_back_consents(actor=actor, evidence=evidence, at=row.merged_at, now=clock.now)


def _restore(actor: Actor, changes: list[LoadChange], columns: list[str]) -> None:
    if not changes:
        return
    rows = [
        {
            "document_id": change.document_id,
            **(change.before if isinstance(change.before, dict) else json.loads(change.before)),
        }
        for change in changes
    ]
    frame = pl.DataFrame(rows)
    days = [name for name in ("issued_on", "due_on") if name in frame.columns]
    ledger_services.change_documents(
        organisation_id=actor.organisation_id,
        changes=frame.with_columns(pl.col(days).str.to_date("%Y-%m-%d")),
        columns=columns,
    )


def _forget_refresh(actor: Actor, row: Load) -> None:
    """The source's last full refresh is the one before, so that a file of the same day may come again."""
    if not row.is_full_refresh:
        return
    before = (
        Load.objects.of(actor.organisation_id)
        .filter(source_id=row.source_id, state=LoadState.MERGED, is_full_refresh=True)
        .order_by("-as_of")
        .first()
    )
    source = _source_of(row)
    source.last_full_on = before.as_of if before else None
    source.save(update_fields=["last_full_on"])


def _source_of(row: Load) -> Source:
    if row.source is None:
        raise LookupError(f"load {row.pk} was merged without a source")
    return row.source
