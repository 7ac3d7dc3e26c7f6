"""The forms of the import wizard, and the file that waits between its steps. They validate, and decide nothing."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.domain.money import EXPONENTS
from aldia.intake.einvoices.bundle import bundled
from aldia.intake.requests import LoadRequest
from aldia.intake.services import Slate
from aldia.web.desk.forms.payments import read_past_day

if TYPE_CHECKING:
    from aldia.web.desk.doors import StaffRequest

LARGEST: Final = 200 * 1024 * 1024
_DRAFTS: Final = "load_drafts"
_MOST_DRAFTS: Final = 5
_KEPT_SECONDS: Final = 24 * 3600
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
NEW: Final = "nueva"
KINDS: Final = (
    ("documents", gettext_lazy("Documentos por cobrar")),
    ("receipts", gettext_lazy("Cobros")),
    ("contacts", gettext_lazy("Contactos")),
)
COUNTRIES: Final = (
    ("AR", gettext_lazy("Argentina")),
    ("BO", gettext_lazy("Bolivia")),
    ("BR", gettext_lazy("Brasil")),
    ("CL", gettext_lazy("Chile")),
    ("CO", gettext_lazy("Colombia")),
    ("CR", gettext_lazy("Costa Rica")),
    ("DO", gettext_lazy("República Dominicana")),
    ("EC", gettext_lazy("Ecuador")),
    ("SV", gettext_lazy("El Salvador")),
    ("ES", gettext_lazy("España")),
    ("US", gettext_lazy("Estados Unidos")),
    ("GT", gettext_lazy("Guatemala")),
    ("HN", gettext_lazy("Honduras")),
    ("MX", gettext_lazy("México")),
    ("NI", gettext_lazy("Nicaragua")),
    ("PA", gettext_lazy("Panamá")),
    ("PY", gettext_lazy("Paraguay")),
    ("PE", gettext_lazy("Perú")),
    ("PT", gettext_lazy("Portugal")),
    ("UY", gettext_lazy("Uruguay")),
    ("VE", gettext_lazy("Venezuela")),
)
DEBT_KINDS: Final = (
    ("", gettext_lazy("Sin decir: se usa la norma más estricta")),
    ("commercial", gettext_lazy("Entre empresas")),
    ("consumer", gettext_lazy("De consumo")),
    ("credit_card", gettext_lazy("Tarjeta de crédito")),
    ("financial", gettext_lazy("Financiera")),
    ("public_utility", gettext_lazy("Servicios públicos")),
)
STRATEGIES: Final = [
    ("b2b_invoices", gettext_lazy("Facturas entre empresas")),
    ("consumer_instalments", gettext_lazy("Cuotas de consumo")),
]
_USUAL: Final = (
    "ARS",
    "BOB",
    "BRL",
    "CLP",
    "COP",
    "CRC",
    "DOP",
    "EUR",
    "GTQ",
    "HNL",
    "MXN",
    "NIO",
    "PEN",
    "PYG",
    "USD",
    "UYU",
    "VES",
)


@dataclass(frozen=True)
class Draft:
    """A file that was given and not imported yet, with what has been said of it. Only its own session knows it."""

    token: str
    name: str
    path: Path
    request: LoadRequest


class UploadForm(forms.Form):
    """The first step: the file, what it brings and where it goes."""

    file = forms.FileField(
        label=gettext_lazy("Archivo"),
        error_messages={"required": gettext_lazy("Elige el archivo que quieres importar.")},
    )
    kind = forms.ChoiceField(choices=KINDS, initial="documents")
    portfolio = forms.ChoiceField(label=gettext_lazy("Cartera"))
    portfolio_name = forms.CharField(
        label=gettext_lazy("Nombre de la cartera nueva"), max_length=200, required=False
    )
    creditor = forms.ChoiceField(label=gettext_lazy("Acreedor"), required=False)
    creditor_name = forms.CharField(
        label=gettext_lazy("Nombre del acreedor nuevo"), max_length=200, required=False
    )
    currency = forms.ChoiceField(label=gettext_lazy("Moneda"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("País"), choices=COUNTRIES)
    debt_kind = forms.ChoiceField(label=gettext_lazy("Clase de deuda"), choices=DEBT_KINDS, required=False)
    strategy = forms.ChoiceField(label=gettext_lazy("Estrategia"), required=False)
    as_of = forms.CharField(label=gettext_lazy("Fecha de los datos"), required=False)
    is_full_refresh = forms.BooleanField(required=False)
    creditor_tax_id = forms.CharField(
        label=gettext_lazy("Identificación fiscal del acreedor"), max_length=30, required=False
    )
    payment_days = forms.IntegerField(
        label=gettext_lazy("Días de pago"), min_value=0, max_value=365, required=False
    )

    def __init__(
        self,
        *args: Any,
        request: StaffRequest,
        portfolios: list[Any],
        creditors: list[Any],
        strategies: list[tuple[str, Any]],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self._request, self._portfolios, self._creditors = (
            request,
            {row.key: row for row in portfolios},
            creditors,
        )
        known = [(row.key, f"{row.name} · {row.currency}") for row in portfolios]
        self.fields["portfolio"].choices = [*known, (NEW, _("Una cartera nueva"))]  # type: ignore[attr-defined]
        own = [(row.name, row.name) for row in creditors] or [("", request.organisation.name)]
        self.fields["creditor"].choices = [*own, (NEW, _("Un acreedor nuevo"))]  # type: ignore[attr-defined]
        self.fields["currency"].choices = [("", _("La dice el archivo o la cartera")), *currencies()]  # type: ignore[attr-defined]
        self.fields["strategy"].choices = [("", _("Decidir después")), *strategies]  # type: ignore[attr-defined]
        self.fields["country"].initial = request.organisation.country
        if not known:
            self.fields["portfolio"].initial = NEW

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if sum(each.size or 0 for each in self.files.getlist("file")) > LARGEST:
            raise forms.ValidationError(
                _("El archivo pesa más de 200 MB. Divídelo, o impórtalo con ./aldia load.")
            )
        return upload

    def clean_as_of(self) -> Any:
        text = self.cleaned_data["as_of"].strip()
        return read_past_day(text, self._request) if text else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("portfolio") == NEW and not given.get("portfolio_name", "").strip():
            self.add_error("portfolio_name", _("Ponle un nombre: así la verás en las listas."))
        if (
            given.get("creditor") == NEW
            and given.get("portfolio") == NEW
            and not given.get("creditor_name", "").strip()
        ):
            self.add_error("creditor_name", _("Escribe a quién se le debe."))
        return given

    def as_request(self) -> LoadRequest:
        """Return what was asked, with the names of what is new."""
        given = self.cleaned_data
        is_new = given["portfolio"] == NEW
        creditor = given["creditor_name"] if given["creditor"] == NEW else given["creditor"]
        return LoadRequest(
            kind=given["kind"],
            portfolio=given["portfolio_name"].strip() if is_new else given["portfolio"],
            creditor=creditor.strip() if is_new else "",
            currency=given["currency"],
            country=given["country"],
            debt_kind=given["debt_kind"],
            strategy=given["strategy"] if is_new else "",
            as_of=given["as_of"],
            is_full_refresh=given["is_full_refresh"] and given["kind"] == "documents",
            creditor_tax_id=given["creditor_tax_id"].strip(),
            payment_days=given["payment_days"],
        )


def currencies() -> list[tuple[str, str]]:
    """Return the currencies to choose from: the region's first, then every other."""
    return [(code, code) for code in (*_USUAL, *sorted(set(EXPONENTS) - set(_USUAL)))]


def new_token() -> str:
    """Return the key of a draft to be: the page asks with it how far its own upload is."""
    return uuid4().hex


def slate(request: StaffRequest, key: str) -> Slate:
    """Return where the work on a draft (its token) or on a load (its number) tells how far it is."""
    return Slate(_house(request) / f"{key}.avance")


def keep(request: StaffRequest, uploads: Sequence[Any], asked: LoadRequest, token: str) -> Draft:
    """Return a new draft with its file on disk; several files are kept as one ZIP. Files of abandoned drafts go after a day."""
    house = _house(request)
    _sweep(house)
    if not _TOKEN.fullmatch(token) or (house / token).exists():
        token = new_token()
    house /= token
    house.mkdir(parents=True)
    locations = [
        _written(house / f"{place}-{_name_of(upload)}", upload) for place, upload in enumerate(uploads)
    ]
    if len(locations) == 1:
        name = _name_of(uploads[0])
        location = locations[0].rename(house / name)
    else:
        name = f"{_('facturas')}-{len(locations)}.zip"
        location = bundled(locations, house / name, [_name_of(upload) for upload in uploads])
    draft = Draft(token, name, location, asked)
    change(request, draft)
    return draft


def _name_of(upload: Any) -> str:
    return Path(str(upload.name).replace("\\", "/")).name[-150:] or "archivo"


def _written(location: Path, upload: Any) -> Path:
    with location.open("wb") as out:
        for piece in upload.chunks():
            out.write(piece)
    return location


def find(request: StaffRequest, token: str) -> Draft | None:
    """Return the draft of this session with its file still there, or None."""
    data = request.session.get(_DRAFTS, {}).get(token)
    if data is None or not Path(data["path"]).is_file():
        return None
    return Draft(token, data["name"], Path(data["path"]), LoadRequest.from_data(data["request"]))


def change(request: StaffRequest, draft: Draft, **asked: Any) -> Draft:
    """Return the draft with something else said of it, kept in the session."""
    changed = replace(draft, request=replace(draft.request, **asked))
    kept = dict(list(request.session.get(_DRAFTS, {}).items())[-_MOST_DRAFTS:])
    kept[draft.token] = {"name": draft.name, "path": str(draft.path), "request": changed.request.as_data()}
    request.session[_DRAFTS] = kept
    return changed


def forget(request: StaffRequest, draft: Draft) -> None:
    """Remove a draft and its file."""
    kept = dict(request.session.get(_DRAFTS, {}))
    kept.pop(draft.token, None)
    request.session[_DRAFTS] = kept
    shutil.rmtree(draft.path.parent, ignore_errors=True)


def mapping_of(
    request: StaffRequest, draft: Draft, columns: list[str], fields: list[str]
) -> tuple[dict[str, Any], str]:
    """Return the mapping that the second step says, and what is wrong with it (nothing when it is fine)."""
    chosen: dict[str, str | None] = dict.fromkeys(fields)
    for position, column in enumerate(columns):
        name = request.POST.get(f"columna-{position}", "")
        if not name:
            continue
        if name not in chosen:
            return {}, _("«%(name)s» no es un dato que conozcamos.") % {"name": name[:60]}
        if chosen[name] is not None:
            return {}, _("«%(one)s» y «%(other)s» dicen ser lo mismo: deja una sola.") % {
                "one": chosen[name],
                "other": column,
            }
        chosen[name] = column
    settings_told = {
        key: value
        for key, value in (draft.request.mapping or {}).items()
        if key in {"sheet", "encoding", "separator", "header_row"}
    }
    return {"kind": draft.request.kind, "columns": chosen, **settings_told}, ""


def _house(request: StaffRequest) -> Path:
    return Path(settings.HOME) / "uploads" / str(request.organisation.pk)


def _sweep(house: Path) -> None:
    before = time.time() - _KEPT_SECONDS
    for kept in house.glob("*"):
        if kept.stat().st_mtime < before:
            shutil.rmtree(kept, ignore_errors=True) if kept.is_dir() else kept.unlink(missing_ok=True)
