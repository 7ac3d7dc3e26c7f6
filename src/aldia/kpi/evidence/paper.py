"""The evidence as people read it: contacts made and withheld in order, consents, disputes, replies and the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.access import formats
from aldia.chat.selectors import BOT
from aldia.contact.calls.words import came_of, lasted
from aldia.contact.evidence import state_word
from aldia.contact.papers.evidence import EvidencePaper, Table
from aldia.contact.papers.evidence import evidence_pdf as printed
from aldia.domain.compliance.texts import REASONS
from aldia.kpi.evidence.gathering import Gathered, Section

MOST_ROWS: Final = 400  # of each table on paper; the signed file has them all
_LONGEST: Final = 160
_CHANNELS: Final = {
    "call": gettext_lazy("Llamada"), "whatsapp": gettext_lazy("WhatsApp"), "email": gettext_lazy("Correo"),
    "sms": gettext_lazy("SMS"), "letter": gettext_lazy("Carta"), "visit": gettext_lazy("Visita"), "all": gettext_lazy("Todos"),
    "portal": gettext_lazy("Página del cliente"),
}  # fmt: skip


def evidence_pdf(gathered: Gathered, *, locale: str, language: str, digest: str, key: str) -> bytes:
    """Return the PDF of the evidence; `digest` and `key` are printed so that it cannot be passed off as another's."""
    sections, head = gathered.sections, gathered.head
    sent = [row for row in sections["notices"] if row["state"] in {"sent", "unknown"}]
    held = (
        len(sections["notices"])
        - len(sent)
        + sum(row["state"] == "withheld" for row in sections["decisions"])
    )
    facts = (
        (_("Avisos que salieron"), str(len(sent))),
        (_("Avisos que no salieron"), str(held)),
        (_("Intentos y respuestas"), str(len(sections["touches"]))),
        (_("Disputas"), str(len(sections["disputes"]))),
    )
    return printed(EvidencePaper(
        creditor=head["organisation"]["name"], debtor=head["person"]["name"], debtor_tax_id=head["person"]["tax_id"],
        as_of=head["as_of"], facts=facts, digest=digest, key=key, language=language, tables=_tables(sections, language, locale),
    ))  # fmt: skip


def _tables(sections: dict[str, Section], language: str, locale: str) -> tuple[Table, ...]:
    return (
        _table(_("Avisos, uno por uno"), (_("Cuándo"), _("Canal"), _("Qué pasó"), _("Versión de la norma"), _("Por qué")),
               sections["notices"], lambda row: _notice(row, language)),
        _table(_("Lo que la estrategia decidió no escribir"), (_("Día"), _("Canal"), _("Paso"), _("Por qué")),
               [row for row in sections["decisions"] if row["state"] == "withheld"],
               lambda row: (row["on"], _channel(row), row["step"], _why(row["reason"], language))),
        _table(_("Intentos y respuestas"), (_("Cuándo"), _("Canal"), _("Quién"), _("De qué")), sections["touches"],
               lambda row: (_at(row["at"]), _channel(row), _("la persona") if row["is_inbound"] else row["actor"], row["origin"])),
        _table(_("Llamadas"), (_("Cuándo"), _("Número"), _("Quién"), _("Qué pasó"), _("Duración"), _("Grabación")),
               sections["calls"], _call),
        _table(_("Consentimientos y bajas"), (_("Cuándo"), _("Canal"), _("Qué dijo"), _("Prueba")), sections["consents"],
               lambda row: (_at(row["at"]), _channel(row), _("sí") if row["is_granted"] else _("no"), row["evidence"])),
        _table(_("Disputas"), (_("Día"), _("Motivo"), _("Estado"), _("Qué dijo")), sections["disputes"],
               lambda row: (row["opened_on"], row["reason"], row["state"], row["description"][:_LONGEST])),
        _table(_("Lo que escribió"), (_("Cuándo"), _("Canal"), _("Texto")), sections["replies"],
               lambda row: (_at(row["received_at"]), _channel(row), row["text"][:_LONGEST])),
        _table(_("Lo que se le contestó en la conversación"), (_("Cuándo"), _("Canal"), _("Quién"), _("Texto")), sections["chat"],
               lambda row: (_at(row["at"]), _channel(row), _("Asistente") if row["author"] == BOT else row["author"],
                            " ".join(row["said"])[:_LONGEST])),
        _table(_("Pagos que informó"), (_("Día"), _("Importe"), _("Quién"), _("Estado")), sections["reported_payments"],
               lambda row: (row["paid_on"], formats.money(row["amount_minor"], row["currency"], locale), row["reported_by"],
                            row["state"])),
        _table(_("Diario"), (_("Día"), _("Clase"), _("Importe"), _("Referencia")), sections["journal"],
               lambda row: (row["on"], row["kind"], formats.money(row["amount_minor"], row["currency"], locale), row["reference"])),
        _table(_("Normas citadas"), (_("Norma"), _("Confianza"), _("Qué dice")), sections["rules"],
               lambda row: (row["id"], row["confidence"], row["says"])),
    )  # fmt: skip


def _table(
    title: str, heads: tuple[str, ...], rows: Section, told: Callable[[dict[str, Any]], tuple[str, ...]]
) -> Table:
    left = len(rows) - MOST_ROWS
    more = _("Y %(count)s más en evidence.json.") % {"count": left} if left > 0 else ""
    return Table(title, heads, tuple(told(row) for row in rows[:MOST_ROWS]), more)


def _notice(row: dict[str, Any], language: str) -> tuple[str, ...]:
    """When by the person's own clock, by what, how it ended, under which rules, and why."""
    proof = row["proofs"][-1] if row["proofs"] else None
    when = proof["local_time"] if proof else _at(row["finished_at"] or row["created_at"])
    reasons = [_why(code, language) for _rule, code, _args in proof["reasons"]] if proof else []
    is_allowed = proof is not None and proof["is_allowed"]
    why = " ".join(reasons) or (_("La norma lo permitía.") if is_allowed else _why(row["reason"], language))
    return (
        when,
        _channel(row),
        state_word(row["state"]),
        proof["rules_version"] if proof else "–",
        why,
    )


def _call(row: dict[str, Any]) -> tuple[str, ...]:
    """A call, and its recording by the beginning of its hash, with how often it was heard."""
    recording, heard = row["recording"], len(row["heard"])
    kept = (
        _("%(sha)s…, escuchada %(count)s veces") % {"sha": recording["sha256"][:12], "count": heard}
        if recording
        else "–"
    )
    who = f"user:{row['user_id']}" if row["user_id"] else _("la máquina")
    return (
        _at(row["asked_at"]),
        row["number"],
        who,
        came_of(row["result"], row["state"]),
        lasted(row["seconds"]),
        kept,
    )


def _channel(row: dict[str, Any]) -> str:
    return str(_CHANNELS.get(row["channel"], row["channel"] or "–"))


def _why(reason: str, language: str) -> str:
    """The reason without its figures, which the signed file has."""
    label = REASONS.get(reason)
    told = label.of(language) if label else reason.replace("_", " ")
    return told.partition("{")[0].strip(" .:,(")


def _at(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC" if instant else ""
