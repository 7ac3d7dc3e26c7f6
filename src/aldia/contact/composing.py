"""What leaves, exactly: the words in the debtor's language, the four doors, the statement and the documents as uploaded."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from aldia.access import formats
from aldia.access.actors import system
from aldia.contact import approved_texts, links, texts
from aldia.contact.layout import Door, Line, html_of, text_of
from aldia.contact.mail_server import own_address, sender_of, setting_of
from aldia.contact.models import Order, Template
from aldia.contact.papers.notice import Notice, notice_pdf
from aldia.contact.providers.protocol import Attachment, Outgoing
from aldia.contact.recheck import Stop
from aldia.contact.statements import locale_for, statement_of_case
from aldia.db.memory import remembered
from aldia.db.prepared import prepared
from aldia.domain.sms import simpler
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.ledger.models import Creditor, Portfolio
    from aldia.parties.models import ContactPoint, Party

MOST_ATTACHED = 20 * 1024 * 1024


@dataclass(frozen=True)
class Envelope:
    """Everything that one message is made from."""

    order: Order
    organisation: Organisation
    portfolio: Portfolio
    creditor: Creditor
    party: Party
    language: str
    as_of: date
    lines: list[ledger.DocumentLine]
    token: str

    @property
    def locale(self) -> str:
        """The regional formats: the organisation's, in the reader's language where they differ."""
        return locale_for(self.organisation, self.language)


def compose(
    order: Order, *, organisation: Organisation, point: ContactPoint, token: str, now: datetime
) -> Outgoing | Stop:
    """Return the message of an order, or why it cannot be written: a missing text or value is never sent half.

    `token` is that of the person's link.
    """
    envelope = _envelope(order, organisation, token, now)
    template = template_for(
        organisation.pk, order.template_key, order.channel, envelope.language, envelope.portfolio.treatment
    )
    if template is None:
        return Stop("no_template", {"template": order.template_key, "language": envelope.language})
    with translation.override(envelope.language):
        values = _values(envelope)
        try:
            subject, body = texts.fill(template.subject, values), texts.fill(template.body, values)
        except texts.MissingValues as missing:
            return Stop("missing_values", {"names": missing.names})
        outgoing = _outgoing(envelope, point, subject, body)
        if order.channel != "whatsapp":
            return outgoing
        if organisation.is_sandbox or approved_texts.is_in_window(order, now):
            return replace(outgoing, attachments=tuple(_attachments(envelope)))
        form = approved_texts.approved(setting_of(organisation.pk, order.channel), template, values)
        if form is None:
            return Stop("text_not_approved", {"template": order.template_key, "language": envelope.language})
        return replace(outgoing, template=form)


def template_for(
    organisation_id: int, key: str, channel: str, language: str, treatment: str
) -> Template | None:
    """Return the published text that fits best: same treatment first, then any; same language only, Spanish as last resort."""
    rows: list[Template] = _published(organisation_id, key, channel)
    for wanted in (language, language[:2], "es"):
        spoken = [row for row in rows if row.language == wanted]
        if spoken:
            return max(
                spoken, key=lambda row: (row.treatment == treatment, row.treatment == "tu", row.version)
            )
    return None


@remembered
@prepared
def _published(organisation_id: int, key: str, channel: str) -> Any:
    return Template.objects.of(organisation_id).filter(key=key, channel=channel, state="PUBLISHED")


def kept_attachments(outgoing: Outgoing, *, organisation_id: int, now: datetime) -> list[dict[str, Any]]:
    """Keep the attached files by content and return how the message names them."""
    kept = []
    for attachment in outgoing.attachments:
        stored = ledger_services.store_file(
            actor=system(organisation_id),
            name=attachment.name,
            content_type=attachment.content_type,
            content=attachment.content,
            now=now,
        )
        kept.append(
            {
                "file_id": stored.pk,
                "name": stored.name,
                "size": stored.size,
                "content_type": stored.content_type,
            }
        )
    return kept


def _envelope(order: Order, organisation: Organisation, token: str, now: datetime) -> Envelope:
    actor = system(organisation.pk)
    account = ledger.account(organisation.pk, order.case_id)
    portfolio = account.portfolio
    party = account.party if order.party_id == account.party_id else parties.party(actor, order.party_id)
    as_of = local_day(organisation, now)
    lines = ledger.documents(actor, case_id=order.case_id, as_of=as_of, is_open=True)
    language = (party.language or portfolio.language or organisation.language).lower()
    return Envelope(
        order=order,
        organisation=organisation,
        portfolio=portfolio,
        creditor=portfolio.creditor,
        party=party,
        language=language
        if language in {"es", "en", "pt-br"}
        else {"pt": "pt-br"}.get(language[:2], language[:2]),
        as_of=as_of,
        lines=lines,
        token=token,
    )


def values_of_case(
    organisation: Organisation, case_id: int, now: datetime
) -> tuple[str, str, dict[str, str | None]]:
    """Return the language, the treatment and the values of what would be told to the client of a case; nothing is ordered."""
    party_id = ledger.account(organisation.pk, case_id).party_id
    order = Order(organisation_id=organisation.pk, case_id=case_id, party_id=party_id, channel=texts.SCRIPT)
    envelope = _envelope(order, organisation, "", now)
    with translation.override(envelope.language):
        return envelope.language, envelope.portfolio.treatment, _values(envelope)


def local_day(organisation: Organisation, now: datetime) -> date:
    """Return the organisation's own calendar day of an instant."""
    return now.astimezone(ZoneInfo(organisation.timezone)).date()


def _chosen(envelope: Envelope) -> list[ledger.DocumentLine]:
    """The documents that the message is about: those of the order, else what is past due, else everything open."""
    wanted = set(envelope.order.document_ids)
    named = [line for line in envelope.lines if line.id in wanted]
    overdue = [line for line in envelope.lines if line.dpd > 0]
    return named or overdue or envelope.lines


def _values(envelope: Envelope) -> dict[str, str | None]:
    about = _chosen(envelope)
    oldest = min(about, key=lambda line: line.due_on, default=None)
    extra = envelope.order.extra
    return {
        "nombre": _called(envelope.party),
        "acreedor": envelope.creditor.name,
        "importe": _amounts(about, envelope.locale),
        "vencimiento": formats.day(oldest.due_on, envelope.as_of, weekday=False) if oldest else None,
        "dias": str(max(oldest.dpd, 0)) if oldest else None,
        "documentos": ", ".join(line.number for line in about),
        "telefono": envelope.creditor.phone or None,
        "enlace": links.address_of(envelope.token),
        "mensaje": str(extra.get("text", "")),
        "codigo": extra.get("code"),
        "fecha_promesa": _promised_day(extra, envelope.as_of),
        "importe_promesa": _money(extra, "promise_minor", envelope.locale),
        "importe_pago": _money(extra, "paid_minor", envelope.locale),
        "saldo_texto": _remaining(envelope),
    }


def _called(party: Party) -> str:
    """A person by the first name, a company by its whole name."""
    return party.name.split()[0].title() if party.kind == "PERSON" and party.name.split() else party.name


def _amounts(lines: Sequence[ledger.DocumentLine], locale: str) -> str | None:
    """One amount a currency, never added together."""
    totals = ledger.total_open(lines)
    amounts = [
        formats.money(total.minor, currency, locale) for currency, total in totals.items() if total.minor > 0
    ]
    return " + ".join(amounts) or None


def _promised_day(extra: dict[str, Any], as_of: date) -> str | None:
    raw = extra.get("promise_on")
    return formats.day(date.fromisoformat(raw), as_of) if raw else None


def _money(extra: dict[str, Any], key: str, locale: str) -> str | None:
    return formats.money(extra[key], extra["currency"], locale) if key in extra else None


def _remaining(envelope: Envelope) -> str:
    left = _amounts(envelope.lines, envelope.locale)
    return _("Te quedan %(amount)s.") % {"amount": left} if left else _("Ya no debes nada.")


def _outgoing(envelope: Envelope, point: ContactPoint, subject: str, body: str) -> Outgoing:
    order = envelope.order
    reference = secrets.token_hex(8)
    sender = _sender(envelope)
    if order.channel in texts.SHORT_CHANNELS:
        text = simpler(body) if order.channel == "sms" else body
        return Outgoing(reference, order.channel, point.value, sender, subject="", text=text)
    if order.channel == "letter":
        return _letter(envelope, point, reference, sender, subject, body)
    doors = _doors(envelope) if order.purpose == "collection" else []
    lines = _lines(envelope) if order.purpose == "collection" else []
    foot = _foot(envelope, reference)
    return Outgoing(
        reference=reference,
        channel=order.channel,
        recipient=point.value,
        sender=sender,
        subject=subject,
        text=text_of(body, lines, doors, foot),
        html=html_of(subject, body, lines, doors, foot, language=envelope.language),
        attachments=tuple(_attachments(envelope)),
        headers={**_way_out(envelope), "Content-Language": envelope.language},
        returns_to=own_address(setting_of(envelope.organisation.pk, order.channel), reference),
    )


def _way_out(envelope: Envelope) -> dict[str, str]:
    """Leaving in one click from the mail program itself (RFC 8058), which asks for https."""
    address = links.address_of(envelope.token, "baja")
    one_click = (
        {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if address.startswith("https:") else {}
    )
    return {"List-Unsubscribe": f"<{address}>", **one_click}


def _letter(
    envelope: Envelope, point: ContactPoint, reference: str, sender: str, subject: str, body: str
) -> Outgoing:
    """A letter is the PDF that is printed; its text is what the screen shows of it."""
    creditor, about = envelope.creditor, _chosen(envelope)
    address = "\n".join(part.strip() for part in point.value.split(",") if part.strip())
    notice = Notice(
        creditor=creditor.legal_name or creditor.name,
        creditor_lines=tuple(part for part in (creditor.tax_id, creditor.address, creditor.phone, creditor.email) if part),
        debtor=envelope.party.name, address=address, code=reference[:8].upper(), subject=subject,
        on=formats.day(envelope.as_of, envelope.as_of, commit=True, weekday=False), body=tuple(body.split("\n")),
        lines=tuple((line.number, line.due, line.late, line.amount) for line in _lines(envelope)),
        totals=tuple(
            formats.money(total.minor, currency, envelope.locale) for currency, total in ledger.total_open(about).items()
        ),
        reference=reference[:8].upper(), instructions=creditor.payment_instructions,
        link=links.address_of(envelope.token), language=envelope.language,
    )  # fmt: skip
    return Outgoing(
        reference, "letter", f"{envelope.party.name}\n{address}"[:250], sender, subject, body,
        attachments=(Attachment(_("carta") + ".pdf", "application/pdf", notice_pdf(notice)),),
    )  # fmt: skip


def _sender(envelope: Envelope) -> str:
    return sender_of(setting_of(envelope.organisation.pk, envelope.order.channel), envelope.creditor)


def _doors(envelope: Envelope) -> list[Door]:
    return [
        Door(_("Pagar"), links.address_of(envelope.token, "pagar")),
        Door(_("Elegir una fecha"), links.address_of(envelope.token, "promesa")),
        Door(_("Ya pagué"), links.address_of(envelope.token, "ya-pague")),
        Door(_("No estoy de acuerdo"), links.address_of(envelope.token, "desacuerdo")),
    ]


def _lines(envelope: Envelope) -> list[Line]:
    return [
        Line(
            line.number,
            formats.day(line.due_on, envelope.as_of, weekday=False),
            formats.days(line.dpd) if line.dpd > 0 else _("por vencer"),
            formats.money(line.open_minor, line.currency, envelope.locale),
        )
        for line in _chosen(envelope)
    ]


def _foot(envelope: Envelope, reference: str) -> list[str]:
    creditor = envelope.creditor
    signature = ", ".join(
        part for part in (creditor.legal_name or creditor.name, creditor.address, creditor.phone) if part
    )
    return [
        signature,
        _("¿Dudas de que este mensaje sea nuestro? Comprueba el código %(code)s en %(address)s")
        % {"code": reference[:8].upper(), "address": links.address_of("comprobar").rstrip("/")},
        _("Para no recibir más mensajes: %(address)s")
        % {"address": links.address_of(envelope.token, "baja")},
    ]


def _attachments(envelope: Envelope) -> list[Attachment]:
    order = envelope.order
    if not order.has_papers:
        return []
    found = []
    if order.has_statement and envelope.lines:
        found.append(Attachment(_("estado-de-cuenta") + ".pdf", "application/pdf", _statement(envelope)))
    if order.channel == "email" and order.has_documents:
        uploaded = _uploaded(envelope)
        if uploaded is not None:
            found.append(uploaded)
    return found


def _uploaded(envelope: Envelope) -> Attachment | None:
    """The chosen documents as they were uploaded, in one ZIP by document number; nothing is ever made up."""
    numbers = {line.id: line.number for line in _chosen(envelope)}
    actor = system(envelope.organisation.pk)
    archive, names = io.BytesIO(), set()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for document_id, stored in ledger.files(actor, document_ids=sorted(numbers)):
            _row, path = ledger.open_file(actor, stored.pk)
            folder = "".join(
                character if character.isalnum() or character in "-_. " else "-"
                for character in numbers[document_id]
            )
            name = f"{folder}/{stored.name}"
            if name not in names and archive.tell() + stored.size <= MOST_ATTACHED:
                zipped.write(path, name)
                names.add(name)
    return Attachment(_("documentos") + ".zip", "application/zip", archive.getvalue()) if names else None


def _statement(envelope: Envelope) -> bytes:
    return statement_of_case(
        system(envelope.organisation.pk),
        case_id=envelope.order.case_id,
        as_of=envelope.as_of,
        language=envelope.language,
        link=links.address_of(envelope.token),
    )
