"""Money collected for others is handed over: a remittance closes what waits for an owner, and is paid once. Nothing is edited."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.permissions import Permission
from aldia.db.locks import named_lock
from aldia.domain.remitting import RemittanceTerms
from aldia.ledger import services as ledger
from aldia.payments.entrusted import SETTING, pending, write_lines
from aldia.payments.models import Remittance
from aldia.payments.services.allocating import SOURCE

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock


class BadRemittance(Exception):
    """Raised when a remittance cannot be: nothing waits, its days have not come, or it was paid."""


def set_terms(*, actor: Actor, portfolio_id: int, terms: RemittanceTerms, clock: Clock) -> None:
    """Say how a portfolio's money is handed over; what is closed stays as it was. Raises NotAllowed."""
    told = {
        "commission_hundredths": terms.commission_hundredths, "tax_hundredths": terms.tax_hundredths,
        "placed_on": terms.placed_on.isoformat() if terms.placed_on else None,
    }  # fmt: skip
    ledger.change_portfolio(actor=actor, portfolio_id=portfolio_id, settings={SETTING: told}, now=clock.now)


@transaction.atomic
def close_remittance(
    *, actor: Actor, portfolio_id: int, owner_id: int, currency: str, until_on: date, clock: Clock
) -> Remittance:
    """Return the remittance of all that waits for an owner through that day, in the books at once. Raises BadRemittance, NotAllowed."""
    actor.check(Permission.REMIT)
    if until_on > clock.as_of:
        raise BadRemittance(_("Ese día todavía no llegó."))
    with named_lock("payments.remitting", actor.organisation_id):
        waiting = pending(actor, until_on=until_on, portfolio_id=portfolio_id)
        chosen = next(
            (each for each in waiting if (each.owner.pk, each.currency) == (owner_id, currency)), None
        )
        if chosen is None:
            raise BadRemittance(_("No hay nada por rendir hasta ese día."))
        mine = Remittance.objects.of(actor.organisation_id)
        row: Remittance = Remittance.objects.create(
            organisation_id=actor.organisation_id, portfolio_id=portfolio_id, owner_id=owner_id, currency=currency,
            number=(mine.aggregate(last=Max("number"))["last"] or 0) + 1, until_on=until_on,
            collected_minor=chosen.collected_minor, held_minor=chosen.held_minor, commission_minor=chosen.commission_minor,
            tax_minor=chosen.tax_minor, net_minor=chosen.net_minor, closed_at=clock.now, closed_by=actor.label,
        )  # fmt: skip
        write_lines(chosen, actor, until_on=until_on, remittance_id=row.pk)
    _post_closed(actor, row, clock)
    audit.record(
        actor=actor, verb="payments.remittance.close", object_type="remittance", object_id=row.pk, now=clock.now,
        data={"net_minor": row.net_minor, "currency": currency, "owner": owner_id, "receipts": chosen.receipts},
    )  # fmt: skip
    return row


@transaction.atomic
def pay_remittance(*, actor: Actor, remittance_id: int, on: date, reference: str, clock: Clock) -> Remittance:
    """Return the remittance with its money handed over: out of the cash that was held. Raises BadRemittance, NotAllowed."""
    actor.check(Permission.REMIT)
    row: Remittance = Remittance.objects.of(actor.organisation_id).select_for_update().get(pk=remittance_id)
    if row.paid_on is not None:
        raise BadRemittance(_("La rendición %(number)s ya se pagó.") % {"number": row.number})
    if not row.until_on <= on <= clock.as_of:
        raise BadRemittance(_("Se paga entre el último día que rinde y hoy."))
    if not reference.strip():
        raise BadRemittance(_("Escribe la referencia de la transferencia."))
    legs = [
        ledger.LegDraft(ledger.UNIDENTIFIED, "payable", row.currency, row.net_minor),
        ledger.LegDraft(ledger.UNIDENTIFIED, "cash", row.currency, -row.net_minor),
    ]
    _post(actor, row, on, f"remittance:{row.pk}:paid", legs, clock)
    row.paid_on, row.paid_reference = on, reference.strip()[:120]
    row.save(update_fields=["paid_on", "paid_reference"])
    audit.record(
        actor=actor, verb="payments.remittance.pay", object_type="remittance", object_id=row.pk, now=clock.now,
        data={"on": on.isoformat(), "reference": row.paid_reference},
    )  # fmt: skip
    return row


def _post_closed(actor: Actor, row: Remittance, clock: Clock) -> None:
    """What was held for others is, from that day, owed to the owner but for the commission and its tax."""
    legs = [
        ledger.LegDraft(ledger.UNIDENTIFIED, "entrusted", row.currency, row.held_minor),
        ledger.LegDraft(ledger.UNIDENTIFIED, "payable", row.currency, -row.net_minor),
        ledger.LegDraft(ledger.UNIDENTIFIED, "commission", row.currency, -row.commission_minor),
        ledger.LegDraft(ledger.UNIDENTIFIED, "commission", row.currency, -row.tax_minor, None, "tax"),
    ]
    _post(actor, row, row.until_on, f"remittance:{row.pk}", legs, clock)


def _post(
    actor: Actor, row: Remittance, on: date, reference: str, legs: list[ledger.LegDraft], clock: Clock
) -> None:
    drafts = [leg for leg in legs if leg.amount_minor]
    if drafts:
        ledger.post(
            actor=actor,
            draft=ledger.PostingDraft(
                portfolio_id=row.portfolio_id,
                kind="remittance",
                on=on,
                source=SOURCE,
                reference=reference,
                legs=drafts,
            ),
            now=clock.now,
        )
