"""Asking for a call: the law first, then the intent on the disk, then the exchange. Asked twice with one click it rings once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.contact import law, recheck
from aldia.contact.calls import following, lines
from aldia.contact.calls.models import PhoneCall
from aldia.contact.models import Order, OrderState
from aldia.contact.outbox import health
from aldia.contact.providers.protocol import ProviderError
from aldia.db.locks import named_lock
from aldia.domain.calls import CallResult, CallState, Heard, Leg, Sign
from aldia.domain.compliance.texts import verdict_text
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.domain.compliance.gate import Verdict
    from aldia.parties.models import ContactPoint

SANDBOX: Final = "sandbox"


class CallRefused(Exception):
    """Raised when a call may not be made now, or cannot; the text says why and what to do."""


@dataclass(frozen=True)
class CallDraft:
    """A call that a person asks for. `client_id` is made by the browser: the same click is the same call."""

    case_id: int
    client_id: str
    contact_point_id: int | None = None


def call_now(*, actor: Actor, draft: CallDraft, clock: Clock, real_now: datetime) -> PhoneCall:
    """Return the call of that click, asked for once. Raises CallRefused, NotAllowed, LookupError.

    In sandbox nothing rings: somebody plays the client on the screen. `real_now` dates what is not of the business day.
    """
    actor.check(Permission.WORK_CASES)
    organisation = access.organisation_of(actor)
    line = lines.line_of(actor)
    if not organisation.is_sandbox:
        _check_line(line, real_now)
    call, refused = _intended(actor, organisation, line, draft, clock)
    if call is None:
        raise CallRefused(refused)
    if call.state != CallState.ASKED or call.ended_at or refused:
        return call  # the same click again
    if call.is_sandbox:
        return _simulated(call, real_now)
    return _dialled(call, line, real_now)


def _check_line(line: lines.Line, now: datetime) -> None:
    """What the law does not ask: the exchange is there, somebody hears it, and it knows which extension is the reader's."""
    if line.setting is None or not line.setting.is_live or line.setting.is_paused:
        raise CallRefused(_("Las llamadas están apagadas. Se encienden en Ajustes, Canales, Llamada."))
    if health.resting(line.setting, now):
        raise CallRefused(_("La central falló varias veces y descansa unos minutos."))
    if not line.extension:
        raise CallRefused(_("Todavía no tienes interno: pídelo a quien administra la central."))
    try:
        with line.exchange() as exchange:
            is_heard = exchange.is_listened_to()
    except ProviderError as error:
        raise CallRefused(_("La central no contesta: %(why)s") % {"why": error}) from error
    if not is_heard:
        raise CallRefused(_("Nadie escucha a la central todavía. Espera unos segundos y prueba otra vez."))


@transaction.atomic
def _intended(
    actor: Actor, organisation: Organisation, line: lines.Line, draft: CallDraft, clock: Clock
) -> tuple[PhoneCall | None, str]:
    """The call, its intent on the disk; (None, why) where it may not be made, with the proof of it; (call, "again") when known."""
    portfolio_id, creditor_id, party_id = ledger.account_of(actor, draft.case_id)
    with named_lock("party", party_id):
        identity = f"manual:{draft.client_id}"
        known = PhoneCall.objects.of(actor.organisation_id).filter(order__identity=identity).first()
        if known is not None:
            return known, "again"
        point = _point(actor, party_id, creditor_id, draft.contact_point_id)
        if point is None:
            return None, _("No hay un teléfono al que llamar.")
        if access.is_paused(actor.organisation_id):
            return None, _("Todo está detenido: nada sale hasta que alguien lo suelte.")
        if organisation.is_sandbox:
            _leave_played(actor, clock.now)
        if _is_talking(actor):
            return None, _("Ya tienes una llamada en curso.")
        order = Order(
            organisation_id=actor.organisation_id, creditor_id=creditor_id, portfolio_id=portfolio_id, case_id=draft.case_id,
            party_id=party_id, identity=identity, channel="call", contact_point_id=point.pk, template_key="", origin=actor.label,
            as_of=clock.as_of, not_before_at=clock.now, state=OrderState.SENDING, token=1, created_at=clock.now,
            sending_at=clock.now, provider=SANDBOX if organisation.is_sandbox else lines.PROVIDER, priority=90,
        )  # fmt: skip
        verdict, words = _asked_of_the_law(order, point, clock)
        if not verdict.allowed:
            recheck.proof_of(order, verdict, clock.now).save()
            return None, words
        order.save()
        recheck.proof_of(order, verdict, clock.now).save()
        return _kept(actor, order, line, point, clock), ""


def _point(actor: Actor, party_id: int, creditor_id: int, point_id: int | None) -> ContactPoint | None:
    if point_id is None:
        return parties.best_point(actor.organisation_id, party_id, creditor_id, "call")
    chosen = (row for row in parties.points(actor, party_id, creditor_id) if row.pk == point_id)
    return next((row for row in chosen if row.kind == "PHONE" and row.state == "ACTIVE"), None)


def _leave_played(actor: Actor, now: datetime) -> None:
    """On the screen nobody hangs up when the page is closed: the next call does."""
    mine = PhoneCall.objects.of(actor.organisation_id).filter(user_id=actor.user_id, is_sandbox=True)
    for call in mine.exclude(state=CallState.ENDED):
        following.end(call, CallResult.CANCELLED, detail="", now=now)


def _is_talking(actor: Actor) -> bool:
    mine = PhoneCall.objects.of(actor.organisation_id).filter(user_id=actor.user_id, is_sandbox=False)
    return bool(mine.exclude(state=CallState.ENDED).exists())


def _asked_of_the_law(order: Order, point: ContactPoint, clock: Clock) -> tuple[Verdict, str]:
    about = law.matter(order.organisation_id, order.case_id, on=clock.as_of, phone=point.value)
    verdict = law.ask(about, channel="call", at=clock.now, is_automated=False)
    return verdict, verdict_text(verdict, zone=about.zones[0], language=get_language() or "es")


def _kept(actor: Actor, order: Order, line: lines.Line, point: ContactPoint, clock: Clock) -> PhoneCall:
    call: PhoneCall = PhoneCall.objects.create(
        organisation_id=actor.organisation_id, order=order, case_id=order.case_id, portfolio_id=order.portfolio_id,
        user_id=actor.user_id, reference=secrets.token_hex(8), number=point.value, extension=line.extension,
        is_sandbox=order.provider == SANDBOX, is_recorded=line.is_recorded, on=clock.as_of, asked_at=clock.now,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="contact.call.ask", object_type="case", object_id=order.case_id, now=clock.now,
        data={"call": call.pk, "order": order.pk},
    )  # fmt: skip
    return call


def _simulated(call: PhoneCall, now: datetime) -> PhoneCall:
    """The reader's extension is taken as picked up: the client's telephone rings, on the screen."""
    following.take_heard(call, Heard(Sign.PICKED_UP, Leg.AGENT, now), now=now)
    return following.take_heard(call, Heard(Sign.RINGS, Leg.CLIENT, now), now=now)


def _dialled(call: PhoneCall, line: lines.Line, now: datetime) -> PhoneCall:
    try:
        with line.exchange() as exchange:
            exchange.ring_agent(call.reference, extension=call.extension, shows=call.number)
    except ProviderError as error:
        health.note_failure(call.order, str(error), now=now)
        if error.is_certain:
            return following.end(call, CallResult.FAILED, detail=str(error), now=now)
        return following.note_unknown(call, detail=str(error))
    health.note_well(call.organisation_id, "call")
    return call
