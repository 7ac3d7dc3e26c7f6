"""A bank file comes in by screen: everything that it tells, or nothing and the reason."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from aldia.access.permissions import Permission as P
from aldia.intake import services as intake
from aldia.intake.readers.refusals import Refused
from aldia.ledger import selectors as ledger
from aldia.payments import reconciliation as reads
from aldia.payments import services
from aldia.web.desk.doors import StaffRequest, staff
from aldia.web.desk.forms import reconciliation as forms
from aldia.web.ui import toasts


@require_http_methods(["GET", "POST"])
@staff(P.REGISTER_RECEIPTS)
def upload(request: StaffRequest) -> HttpResponse:
    """Take a bank file: everything that it tells, or nothing and the reason."""
    portfolios = ledger.portfolios(request.actor)
    currencies = {row.currency for row in portfolios}
    form = forms.StatementForm(
        request.POST or None, request.FILES or None, portfolios=[(str(row.pk), row.name) for row in portfolios],
        initial={"currency": currencies.pop() if len(currencies) == 1 else ""},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() and _taken(request, form):
        return HttpResponseRedirect(reverse("desk:reconciliation"))
    context = {"form": form, "accounts": reads.bank_accounts(request.actor)}
    return render(request, "desk/reconciliation/upload.html", context, status=422 if form.errors else 200)


def _taken(request: StaffRequest, form: forms.StatementForm) -> bool:
    """Take the file and say what it brought; a refusal becomes the field's error."""
    told, given = form.cleaned_data, form.cleaned_data["file"]
    with tempfile.TemporaryDirectory(prefix="aldia-bank-") as folder:
        kept = Path(folder) / "statement"
        with kept.open("wb") as file:
            for chunk in given.chunks():
                file.write(chunk)
        bank = intake.BankRequest(
            account=told["account"], currency=told["currency"],
            portfolio_id=int(told["portfolio"]) if told["portfolio"] else None,
        )  # fmt: skip
        try:
            done = intake.take_bank_file(
                actor=request.actor, path=kept, name=given.name, request=bank, clock=request.clock
            )
        except services.UnknownBankAccount as refusal:
            form.add_error("portfolio" if told["account"] else "account", str(refusal))
        except (Refused, services.BadStatement) as refusal:
            form.add_error(*_repair(refusal))
        else:
            _say(request, done)
            return True
    return False


def _repair(refusal: Refused | services.BadStatement) -> tuple[str, str]:
    """The field of the screen where a refusal is repaired, and what it says there: the command's options mean nothing here."""
    if isinstance(refusal, Refused) and refusal.field == "currency":
        return "currency", _("El archivo no dice en qué moneda están los importes: dila aquí.")
    if isinstance(refusal, Refused) and refusal.code in {"mapping_missing", "mapping_tie"}:
        refusal.hint = _(
            "Pon el nombre de cada columna en la primera fila y súbelo otra vez, o pide el extracto en camt, MT940 u OFX."
        )
    return "file", str(refusal)


def _say(request: StaffRequest, done: intake.BankResult) -> None:
    new = ngettext("%(n)s movimiento nuevo", "%(n)s movimientos nuevos", done.new) % {"n": done.new}
    toasts.say(
        request,
        _("%(new)s: %(auto)s aplicados solos, %(back)s devueltos")
        % {"new": new, "auto": done.automatic, "back": done.returned},
    )
    for name in done.unbalanced:
        toasts.warn(
            request,
            _("El saldo de %(account)s no coincide con sus movimientos: compáralo con el banco.")
            % {"account": name},
        )
    if done.unknown_returns:
        toasts.warn(
            request,
            _("Devoluciones sin cobro que reversar: %(names)s")
            % {"names": ", ".join(done.unknown_returns[:5])},
        )
