"""What the organisation's own systems are told: where, with which secret, and what waits to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import polars as pl
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.cases import facts as cases
from aldia.contact.models import CallState, WebhookCall, WebhookEndpoint
from aldia.contact.outbox.webhooks import PrivateAddress, check_address
from aldia.contact.signing import new_secret
from aldia.db.frames import Rows, known_among
from aldia.db.vault import seal

SUSPEND: Final = "service.suspend"
RESTORE: Final = "service.restore"
UNDO: Final = "restore:"


class AddressRefused(ValueError):
    """Raised when nothing may be told to that address; the text says how to repair it."""


class UnknownCall(LookupError):
    """There is no such call in this organisation, or it cannot be told again."""


@transaction.atomic
def set_webhook(*, actor: Actor, url: str, is_on: bool, now: datetime) -> str:
    """Keep where the organisation is told; return its secret when it is new, to be shown once. Raises AddressRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    try:
        check_address(url)
    except (OSError, ValueError) as error:
        why = str(error) if isinstance(error, PrivateAddress) else _("nadie responde a ese nombre")
        raise AddressRefused(
            _("No se puede usar esa dirección (%(why)s). Escribe una pública, que empiece con https://.")
            % {"why": why}
        ) from error
    row = WebhookEndpoint.objects.of(actor.organisation_id).first()
    secret = "" if row is not None and row.url == url else new_secret()
    sealed = seal(secret) if secret else row.secret if row is not None else ""
    WebhookEndpoint.objects.update_or_create(
        organisation_id=actor.organisation_id, defaults={"url": url, "is_on": is_on, "secret": sealed}
    )
    audit.record(
        actor=actor, verb="contact.webhook.set", object_type="organisation", object_id=actor.organisation_id, now=now,
        data={"url": url, "is_on": is_on, "has_new_secret": bool(secret)},
    )  # fmt: skip
    return secret


def pause_webhook(*, actor: Actor, webhook_id: int, is_on: bool, now: datetime) -> None:
    """Pause where the organisation is told, or go on. Raises UnknownCall, NotAllowed."""
    _change(actor, webhook_id, "pause" if not is_on else "resume", now, is_on=is_on)


def rotate_webhook(*, actor: Actor, webhook_id: int, now: datetime) -> str:
    """Return the new secret, to be shown once; the one before signs no more. Raises UnknownCall, NotAllowed."""
    secret = new_secret()
    _change(actor, webhook_id, "rotate", now, secret=seal(secret))
    return secret


@transaction.atomic
def remove_webhook(*, actor: Actor, webhook_id: int, now: datetime) -> None:
    """Forget where the organisation is told: what is to be told waits for another address. Raises UnknownCall, NotAllowed."""
    _change(actor, webhook_id, "remove", now, is_on=False)
    WebhookEndpoint.objects.of(actor.organisation_id).filter(pk=webhook_id).delete()


@transaction.atomic
def _change(actor: Actor, webhook_id: int, verb: str, now: datetime, **values: Any) -> None:
    actor.check(Permission.EDIT_SETTINGS)
    if not WebhookEndpoint.objects.of(actor.organisation_id).filter(pk=webhook_id).update(**values):
        raise UnknownCall(_("No hay ninguna suscripción con ese número."))
    audit.record(
        actor=actor, verb=f"contact.webhook.{verb}", object_type="webhook", object_id=webhook_id, now=now
    )


def call_rows(*, organisation_id: int, calls: pl.DataFrame, now: datetime) -> Rows:
    """Return calls (identity, event, about, case_id, party_id) ready to be written; those that are there are left out."""
    known = known_among(WebhookCall, "identity", calls["identity"], organisation_id=organisation_id)
    fresh = calls.join(known, on="identity", how="anti", maintain_order="left").with_columns(
        organisation_id=pl.lit(organisation_id, pl.Int64), state=pl.lit(CallState.QUEUED.value),
        tries=pl.lit(0), answer=pl.lit(""), next_at=pl.lit(now).dt.convert_time_zone("UTC"), created_at=pl.lit(now).dt.convert_time_zone("UTC"),
    )  # fmt: skip
    return Rows(WebhookCall, fresh, fresh["party_id"])


@transaction.atomic
def restore_services(*, organisation_id: int, now: datetime) -> int:
    """Undo the suspensions of cases that have nothing overdue any more; return how many. One not yet told is taken back."""
    calls = WebhookCall.objects.of(organisation_id)
    undone = calls.filter(event=RESTORE).values_list("identity", flat=True)
    asked = calls.filter(event=SUSPEND).exclude(state=CallState.CANCELLED)
    suspended = list(asked.alias(undo=Concat(Value(UNDO), "identity")).exclude(undo__in=undone))
    clear = cases.without_arrears(organisation_id, [row.case_id for row in suspended])
    paid = [row for row in suspended if row.case_id in clear]
    taken_back = set()
    for row in paid:
        unsaid = calls.filter(pk=row.pk, state=CallState.QUEUED, tries=0)
        if unsaid.update(state=CallState.CANCELLED, finished_at=now):
            taken_back.add(row.pk)
    WebhookCall.objects.bulk_create(
        WebhookCall(
            organisation_id=organisation_id, identity=f"{UNDO}{row.identity}", event=RESTORE, about=row.about,
            case_id=row.case_id, party_id=row.party_id, next_at=now, created_at=now, tries=0, answer="",
        )
        for row in paid
        if row.pk not in taken_back
    )  # fmt: skip
    return len(paid)


@transaction.atomic
def tell_again(*, actor: Actor, call_id: int, now: datetime) -> None:
    """Put a call that failed back in the queue. Raises UnknownCall, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    rows = WebhookCall.objects.of(actor.organisation_id).filter(pk=call_id, state=CallState.FAILED)
    if not rows.update(state=CallState.QUEUED, tries=0, next_at=now, finished_at=None):
        raise UnknownCall(_("Ese aviso ya no espera que lo repitas."))
    audit.record(actor=actor, verb="contact.webhook.again", object_type="webhook", object_id=call_id, now=now)
