"""How each creditor is paid online: what a gateway asks for, which ones serve a case, and the account for transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from aldia.access.actors import Actor
from aldia.db.vault import unseal
from aldia.domain.transfer_references import BadPix, pix_text, reference_of
from aldia.ledger import selectors as ledger
from aldia.payments.gateways.checkout import Checkout
from aldia.payments.gateways.practice import Practice
from aldia.payments.gateways.protocol import Gateway
from aldia.payments.gateways.webpay import Webpay
from aldia.payments.models import PayIntent, PayMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_stubs_ext import StrOrPromise

TRANSFER: Final = "transfer"
PRACTICE: Final = "practice"
SEALED: Final = frozenset({"access_token", "secret"})


@dataclass(frozen=True)
class Provider:
    """A way to be paid: its name, what it asks a creditor for, what of that it needs, and its gateway (a transfer has none)."""

    name: StrOrPromise
    fields: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    gateway: Callable[[Mapping[str, str]], Gateway] | None = None


PROVIDERS: Final[dict[str, Provider]] = {
    "mercadopago": Provider(
        "Mercado Pago", ("access_token", "secret", "base_url"), ("access_token", "secret"), Checkout
    ),
    "webpay": Provider(
        "Webpay Plus", ("commerce", "access_token", "base_url"), ("commerce", "access_token"), Webpay
    ),
    TRANSFER: Provider(
        _("Transferencia"),
        ("holder", "tax_id", "bank", "account", "alias", "pix_key", "pix_city"),
        ("holder", "account"),
    ),
    PRACTICE: Provider(_("Pago de ensayo"), gateway=Practice),
}


@dataclass(frozen=True)
class TransferTo:
    """Where to transfer, and the reference by which the bank's line finds its case. `pix` is the text to copy, in Brazil."""

    holder: str
    tax_id: str
    bank: str
    account: str
    alias: str
    reference: str
    pix: str = ""


def gateway_of(method: PayMethod) -> Gateway:
    """Return the gateway, ready to speak. Raises VaultClosed, LookupError for an account of transfers."""
    make = PROVIDERS[method.provider].gateway
    if make is None:
        raise LookupError(f"{method.provider} has no gateway")
    config = {name: unseal(value) if name in SEALED else value for name, value in method.config.items()}
    return make({**config, "is_test": "1" if method.is_test else ""})


def address_of(method: PayMethod) -> str:
    """Return where the gateway calls and payers come back to."""
    return f"{settings.PUBLIC_URL}/ganchos/cobro/{method.token}/"


def intent_of(actor: Actor, *, case_id: int, key: str) -> PayIntent:
    """Return a payment of a case with its receipt. Raises PayIntent.DoesNotExist."""
    rows = PayIntent.objects.of(actor.organisation_id).select_related("method", "receipt", "organisation")
    found: PayIntent = rows.get(case_id=case_id, key=key)
    return found


def newest_intents(actor: Actor, method_id: int) -> list[PayIntent]:
    """Return the last payments begun by a method, the newest first."""
    rows = PayIntent.objects.of(actor.organisation_id).filter(method_id=method_id).select_related("case")
    return list(rows.order_by("-pk")[:10])


def methods_of(actor: Actor) -> list[PayMethod]:
    """Return every method of the organisation, as the settings show them."""
    rows = PayMethod.objects.of(actor.organisation_id).select_related("creditor")
    return list(rows.order_by("provider", "creditor__name", "pk"))


def gateways_for(actor: Actor, *, case_id: int, currency: str, is_sandbox: bool) -> list[PayMethod]:
    """Return the gateways by which a case may be paid in a currency: its creditor's own before those of the house.

    A method in test mode takes no real money: it is offered in a sandbox only, and a real one never there.
    """
    rows = _serving(actor, case_id).filter(is_test=is_sandbox).exclude(provider=TRANSFER)
    found: dict[str, PayMethod] = {}
    for row in rows:
        if currency in row.currencies:
            found.setdefault(row.provider, row)
    return list(found.values())


def transfer_for(actor: Actor, *, case_id: int, currency: str, amount_minor: int) -> TransferTo | None:
    """Return where to transfer an amount, None where the creditor wrote no account for the currency."""
    rows = _serving(actor, case_id).filter(provider=TRANSFER)
    row = next((each for each in rows if currency in each.currencies), None)
    if row is None:
        return None
    told = {name: str(row.config.get(name, "")) for name in PROVIDERS[TRANSFER].fields}
    reference = reference_of(case_id)
    pix = ""
    if currency == "BRL" and told["pix_key"]:
        try:
            pix = pix_text(
                key=told["pix_key"], name=told["holder"], city=told["pix_city"], reference=reference, amount_minor=amount_minor,
            )  # fmt: skip
        except BadPix:  # the account still serves
            pix = ""
    names = ("holder", "tax_id", "bank", "account", "alias")
    return TransferTo(**{name: told[name] for name in names}, reference=reference, pix=pix)


def _serving(actor: Actor, case_id: int) -> Any:
    creditor_id = ledger.account_of(actor, case_id)[1]
    rows = PayMethod.objects.of(actor.organisation_id).filter(is_on=True)
    return (rows.filter(creditor_id=creditor_id) | rows.filter(creditor_id=None)).order_by(
        "creditor_id", "pk"
    )
