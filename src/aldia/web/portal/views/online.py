"""Pay now: how much, through which gateway, and back to a page with the receipt. A GET never begins and never ends a payment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import zxingcpp
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from aldia.access import formats
from aldia.access.actors import system
from aldia.payments import methods, papers
from aldia.payments import services as payments
from aldia.payments.gateways.practice import Practice
from aldia.payments.running import owed_today
from aldia.web.portal.forms import PayForm
from aldia.web.portal.offers import offers_of
from aldia.web.portal.views.account import account_context, locale_of
from aldia.web.portal.visits import Visit, visitor

if TYPE_CHECKING:
    from aldia.payments.models import PayIntent

WRONG: Final = 422
_FINISHED: Final = frozenset({"refused", "expired"})


@visitor
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, visit: Visit) -> HttpResponse:
    """How to pay: now by a gateway, by transfer, or as the creditor says. A POST writes the intent and leads to the gateway."""
    told = account_context(visit)
    if not told["amounts"]:  # the link of an old message: it was paid meanwhile
        return redirect("portal:account", token=visit.token)
    offers = offers_of(visit)
    lines = owed_today(visit.actor, visit.case_id, as_of=visit.clock.as_of)
    currency = offers["currency"]
    payable = [line for line in lines if line.currency == currency and line.open_minor > 0]
    form = PayForm(
        request.POST or None, currency=currency, most_minor=offers["minor"],
        documents=[(str(line.id), line.open_minor) for line in payable],
        ways=[(str(way.pk), methods.PROVIDERS[way.provider].name) for way in offers["ways"]],
    )  # fmt: skip
    locale = locale_of(visit)
    context = told | offers | {
        "form": form, "symbol": formats.symbol(currency, locale), "transfer": _transfer(visit, offers),
        "choices": [(str(line.id), line.number, formats.money(line.open_minor, currency, locale)) for line in payable],
    }  # fmt: skip
    if context["transfer"] and context["transfer"].pix:
        context["pix_qr"] = _picture_of(context["transfer"].pix)
    if request.method == "GET" or not offers["ways"]:
        return render(request, "portal/pay.html", context)
    if form.is_valid():
        try:
            return _leave(request, visit, form, offers)
        except payments.PaymentRefused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "portal/pay.html", context, status=WRONG)


def _picture_of(text: str) -> str:
    """A QR code as an address of its own picture."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return f"data:image/svg+xml;utf8,{quote(zxingcpp.write_barcode_to_svg(code))}"


def _transfer(visit: Visit, offers: dict[str, Any]) -> methods.TransferTo | None:
    return methods.transfer_for(
        visit.actor, case_id=visit.case_id, currency=offers["currency"], amount_minor=offers["minor"]
    )


def _leave(request: HttpRequest, visit: Visit, form: PayForm, offers: dict[str, Any]) -> HttpResponse:
    """Begin the payment and lead to the gateway. A page of ours stands between: a form may only be sent to ourselves (CSP)."""
    chosen = form.cleaned_data
    way = next(each for each in offers["ways"] if str(each.pk) == chosen["way"])
    page = reverse("portal:paid", args=[visit.token, "KEY"]).replace("KEY", "{key}")
    draft = payments.PayDraft(
        way, chosen["minor"], offers["currency"], f"{settings.PUBLIC_URL}{page}", chosen["document_ids"]
    )
    gone = payments.begin_payment(actor=visit.actor, case_id=visit.case_id, draft=draft, clock=visit.clock)
    if way.provider == methods.PRACTICE:
        return redirect("portal:practice", token=visit.token, key=gone.intent.key)
    context = account_context(visit) | {"gone": gone, "name_of_way": methods.PROVIDERS[way.provider].name}
    response = render(request, "portal/leaving.html", context)
    if gone.fields:
        parts = urlsplit(gone.url)
        response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
    else:
        response["Refresh"] = f"0; url={gone.url}"
    return response


@visitor
@require_GET
def paid(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """What became of a payment: its receipt, «estamos confirmando», or that it was not taken."""
    intent = _intent(visit, key)
    response = render(
        request, "portal/paid.html",
        account_context(visit) | {
            "intent": intent, "is_finished": intent.state in _FINISHED,
            "amount": formats.money(intent.amount_minor, intent.currency, locale_of(visit)),
            "received": formats.money(intent.receipt.amount_minor, intent.receipt.currency, locale_of(visit)) if intent.receipt else "",
        },
    )  # fmt: skip
    if intent.state in {"created", "started"}:
        response["Refresh"] = "10"
    return response


@visitor
@require_GET
def receipt(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """The receipt as a PDF."""
    intent = _intent(visit, key)
    if intent.receipt_id is None:
        raise Http404
    content = papers.receipt_paper(system(visit.organisation.pk), intent.receipt_id, as_of=visit.clock.as_of)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="recibo.pdf"'
    return response


@visitor
@require_http_methods(["GET", "POST"])
def practice(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """The demonstration's bank: what is answered here comes as a signed notice, as a real one would."""
    intent = _intent(visit, key)
    if intent.method.provider != methods.PRACTICE or not visit.organisation.is_sandbox:
        raise Http404
    if request.method == "POST":
        _play(intent, "received" if request.POST.get("answer") == "yes" else "refused")
        return redirect("portal:paid", token=visit.token, key=key)
    amount = formats.money(intent.amount_minor, intent.currency, locale_of(visit))
    return render(request, "portal/practice.html", account_context(visit) | {"amount": amount})


def _play(intent: PayIntent, kind: str) -> None:
    now = timezone.now()
    gateway = methods.gateway_of(intent.method)
    told = {
        "key": intent.key, "id": f"P{intent.key}", "kind": kind, "amount_minor": intent.amount_minor, "currency": intent.currency,
    }  # fmt: skip
    body = json.dumps(told).encode()
    headers = gateway.notice(body, str(int(now.timestamp()))) if isinstance(gateway, Practice) else {}
    notice = payments.keep_notice(token=intent.method.token, body=body, headers=headers, query={}, now=now)
    payments.read_notice(notice=notice, real_now=now)


def _intent(visit: Visit, key: str) -> PayIntent:
    try:
        return methods.intent_of(visit.actor, case_id=visit.case_id, key=key)
    except ObjectDoesNotExist as error:
        raise Http404(_("No encontramos ese pago.")) from error


urls = [
    path("<str:token>/pagar/", pay, name="pay"),
    path("<str:token>/pago/<slug:key>/", paid, name="paid"),
    path("<str:token>/pago/<slug:key>/recibo.pdf", receipt, name="receipt"),
    path("<str:token>/pago/<slug:key>/ensayo/", practice, name="practice"),
]
