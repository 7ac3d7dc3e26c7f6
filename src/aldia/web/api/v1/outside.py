"""What agencies tell by the API, and where the organisation's own systems are told: subscriptions to its webhooks."""

from typing import Any

from django.utils.translation import gettext as _
from ninja import Status
from ninja.errors import HttpError

from aldia.access.permissions import Permission as P
from aldia.contact import selectors as contact
from aldia.contact import services as webhooks
from aldia.intake import services as intake
from aldia.web.api.v1.doors import Answer, TokenRequest, api, needs, once
from aldia.web.api.v1.schemas import (
    PROBLEMS,
    ActivitiesIn,
    ActivityIn,
    LoadOut,
    WebhookIn,
    WebhookOut,
    WebhooksOut,
    WebhookStateIn,
)


@api.post("/activities", response={200: LoadOut, **PROBLEMS}, summary="Contar actividades de una agencia")
@needs(P.WORK_PLACED)
def write_activities(request: TokenRequest, body: ActivitiesIn) -> Any:
    """Log up to 200 activities in cases placed with the token's agency; `row` counts from 1. The same one again changes nothing."""

    def take() -> Answer:
        rows = [(number, _told(each)) for number, each in enumerate(body.activities, 1)]
        return 200, intake.take_activities(actor=request.actor, rows=rows, clock=request.clock).as_data()

    return once(request, take)


@api.get("/webhooks", response={200: WebhooksOut, **PROBLEMS}, summary="Suscripciones")
@needs(P.EDIT_SETTINGS)
def read_webhooks(request: TokenRequest) -> Any:
    """Return where the organisation's systems are told: one address at most."""
    row = contact.webhook(request.actor)
    return {"items": [_webhook(row)] if row else []}


@api.post("/webhooks", response={201: WebhookOut, **PROBLEMS}, summary="Suscribirse")
@needs(P.EDIT_SETTINGS)
def write_webhook(request: TokenRequest, body: WebhookIn) -> Any:
    """Subscribe an address; 409 while there is another. The secret is told in this answer alone, and no answer of it is kept: the same
    call again is the subscription that is there, without its secret."""
    if (known := contact.webhook(request.actor)) is not None and known.url != body.url:
        raise HttpError(
            409, _("Ya hay una suscripción, a %(url)s: date de baja primero.") % {"url": known.url}
        )
    try:
        secret = webhooks.set_webhook(
            actor=request.actor, url=body.url, is_on=body.is_on, now=request.clock.now
        )
    except webhooks.AddressRefused as refusal:
        raise HttpError(422, str(refusal)) from refusal
    return Status(201, {**_webhook(contact.webhook(request.actor)), "secret": secret or None})


@api.patch("/webhooks/{int:webhook_id}", response={200: WebhookOut, **PROBLEMS}, summary="Pausar o reanudar")
@needs(P.EDIT_SETTINGS)
def pause_webhook(request: TokenRequest, webhook_id: int, body: WebhookStateIn) -> Any:
    """Pause a subscription, or go on: what waited is told then."""
    webhooks.pause_webhook(
        actor=request.actor, webhook_id=webhook_id, is_on=body.is_on, now=request.clock.now
    )
    return _webhook(contact.webhook(request.actor))


@api.post(
    "/webhooks/{int:webhook_id}/secret", response={200: WebhookOut, **PROBLEMS}, summary="Secreto nuevo"
)
@needs(P.EDIT_SETTINGS)
def rotate_webhook(request: TokenRequest, webhook_id: int) -> Any:
    """Give a subscription a new secret, told in this answer alone: from now on only that one signs."""
    secret = webhooks.rotate_webhook(actor=request.actor, webhook_id=webhook_id, now=request.clock.now)
    return {**_webhook(contact.webhook(request.actor)), "secret": secret}


@api.delete("/webhooks/{int:webhook_id}", response={204: None, **PROBLEMS}, summary="Darse de baja")
@needs(P.EDIT_SETTINGS)
def delete_webhook(request: TokenRequest, webhook_id: int) -> Any:
    """End a subscription."""
    webhooks.remove_webhook(actor=request.actor, webhook_id=webhook_id, now=request.clock.now)
    return Status(204, None)


def _told(activity: ActivityIn) -> dict[str, Any]:
    return {
        "case": activity.case, "document": activity.document, "at": activity.at, "channel": activity.channel,
        "outcome": activity.outcome, "amount": activity.amount_minor, "on": activity.on, "note": activity.note,
    }  # fmt: skip


def _webhook(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "url": row.url, "is_on": row.is_on}
