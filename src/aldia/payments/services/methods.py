"""Keep how creditors are paid online: secrets sealed, switched on when complete."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact.gateways import wrong_address
from aldia.db.vault import seal
from aldia.domain.money import UnknownCurrency, currency_code
from aldia.domain.transfer_references import BadPix, pix_text, reference_of
from aldia.ledger import selectors as ledger
from aldia.payments.methods import PRACTICE, PROVIDERS, SEALED, TRANSFER
from aldia.payments.models import PayMethod


class MethodRefused(Exception):
    """Raised when a way to be paid cannot be kept or switched on; `field` is what to repair."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def set_method(
    *, actor: Actor, provider: str, creditor_id: int | None, told: Mapping[str, Any], now: datetime
) -> PayMethod:
    """Return the method as it is kept; an empty secret stays. `told` has the fields of its provider, `currencies`,
    `least_minor` and `is_test`. Raises MethodRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    if creditor_id and creditor_id not in {each.pk for each in ledger.creditors(actor)}:
        raise MethodRefused("creditor", _("Ese acreedor no es de esta organización."))
    rows = PayMethod.objects.of(actor.organisation_id).select_for_update()
    method = rows.filter(provider=provider, creditor_id=creditor_id).first() or PayMethod(
        organisation_id=actor.organisation_id, provider=provider, creditor_id=creditor_id,
        token=secrets.token_urlsafe(24),
    )  # fmt: skip
    fresh = {name: str(told.get(name, "")).strip() for name in PROVIDERS[provider].fields}
    for name in SEALED & fresh.keys():
        fresh[name] = seal(fresh[name]) or str(method.config.get(name, ""))
    if provider == PRACTICE:
        fresh["secret"] = method.config.get("secret") or seal(secrets.token_urlsafe(32))
    if wrong := wrong_address(fresh.get("base_url", "")):
        raise MethodRefused("base_url", wrong)
    method.config = fresh
    method.currencies = _currencies(provider, str(told.get("currencies", "")))
    method.least_minor = max(int(told.get("least_minor") or 0), 0)
    method.is_test = provider == PRACTICE or (provider != TRANSFER and bool(told.get("is_test")))
    _check(provider, fresh)
    method.save()
    _record(actor, "payments.method.set", method, now)
    return method


@transaction.atomic
def switch_method(*, actor: Actor, method_id: int, is_on: bool, now: datetime) -> PayMethod:
    """Offer a way to pay on the debtor's page, or no more: what was begun ends as it ends. Raises MethodRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    rows = PayMethod.objects.of(actor.organisation_id).select_for_update()
    method: PayMethod | None = rows.filter(pk=method_id).first()
    if method is None:
        raise MethodRefused("", _("Esa forma de pago no es de esta organización."))
    missing = [name for name in PROVIDERS[method.provider].needed if not method.config.get(name)]
    if is_on and (missing or not method.currencies):
        raise MethodRefused("", _("Todavía faltan datos: complétalos y guárdalos."))
    method.is_on = is_on
    method.save(update_fields=["is_on"])
    _record(actor, "payments.method.on" if is_on else "payments.method.off", method, now)
    return method


def _currencies(provider: str, text: str) -> list[str]:
    try:
        found = [currency_code(each) for each in text.replace(",", " ").split()]
    except UnknownCurrency as error:
        raise MethodRefused("currencies", str(error)) from error
    if not found:
        raise MethodRefused("currencies", _("Escribe al menos una moneda, como ARS."))
    if provider == "webpay" and found != ["CLP"]:
        raise MethodRefused("currencies", _("Webpay Plus cobra solo en CLP."))
    return list(dict.fromkeys(found))


def _check(provider: str, told: Mapping[str, str]) -> None:
    if provider != TRANSFER or not told["pix_key"]:
        return
    try:
        pix_text(
            key=told["pix_key"],
            name=told["holder"],
            city=told["pix_city"],
            reference=reference_of(1),
            amount_minor=1,
        )
    except BadPix as error:
        raise MethodRefused("pix_city", _("El Pix necesita la clave, el titular y su ciudad.")) from error


def _record(actor: Actor, verb: str, method: PayMethod, now: datetime) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="pay_method", object_id=method.pk, now=now,
        data={"provider": method.provider, "creditor": method.creditor_id, "currencies": method.currencies},
    )  # fmt: skip
