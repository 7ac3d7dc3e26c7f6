"""The gate's answers in words: Spanish, English and Portuguese, short enough for a button's hint.

«Hoy no, ya hubo 1. Próximo: lun 8:00».
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from aldia.domain.compliance.gate import Reason, Verdict
from aldia.domain.compliance.policy import PRODUCT, ContactPolicy
from aldia.domain.labels import Label, base_language

REASONS: Final[Mapping[str, Label]] = {
    "outside_hours": Label(
        "Ahora no: son las {time} para esta persona.",
        "Not now: it is {time} for this person.",
        "Agora não: são {time} para esta pessoa.",
    ),
    "closed_day": Label(
        "Hoy no: es un día sin contacto.", "Not today: no contact on this day.", "Hoje não: dia sem contato."
    ),
    "holiday": Label("Hoy no: es feriado.", "Not today: it is a public holiday.", "Hoje não: é feriado."),
    "cap_calendar_day": Label(
        "Hoy no, ya hubo {used}.", "Not today, {used} already.", "Hoje não, já houve {used}."
    ),
    "cap_calendar_week": Label(
        "Esta semana no, ya hubo {used}.",
        "Not this week, {used} already.",
        "Esta semana não, já houve {used}.",
    ),
    "cap_rolling_days": Label(
        "Todavía no: ya hubo {used} en {days} días.",
        "Not yet: {used} already in {days} days.",
        "Ainda não: já houve {used} em {days} dias.",
    ),
    "min_gap": Label(
        "Todavía no: deja pasar {days} días desde el último.",
        "Not yet: leave {days} days since the last one.",
        "Ainda não: espere {days} dias desde o último.",
    ),
    "cool_down": Label(
        "Todavía no: ya hubo contacto o un aviso que obliga a esperar.",
        "Not yet: an earlier contact or notice asks for a wait.",
        "Ainda não: um contato ou aviso anterior obriga a esperar.",
    ),
    "opted_out": Label(
        "No: pidió no recibir contactos por este canal.",
        "No: they asked not to be contacted on this channel.",
        "Não: pediu para não ser contatado por este canal.",
    ),
    "no_consent": Label(
        "No: falta su autorización para este canal.",
        "No: consent for this channel is missing.",
        "Não: falta a autorização para este canal.",
    ),
    "forbidden_role": Label(
        "No: la ley no permite contactar a esta persona.",
        "No: the law does not allow contacting this person.",
        "Não: a lei não permite contatar esta pessoa.",
    ),
    "forbidden_place": Label(
        "No: la ley no permite contactar en este lugar.",
        "No: the law does not allow contact at this place.",
        "Não: a lei não permite contato neste lugar.",
    ),
    "event": Label(
        "No: hay un hecho abierto que detiene la gestión.",
        "No: an open event stops the collection.",
        "Não: há um fato em aberto que detém a cobrança.",
    ),
    "hold": Label("En pausa.", "On hold.", "Em pausa."),
}
ALLOWED: Final = Label("Puedes contactar ahora.", "You may contact now.", "Você pode contatar agora.")
UNTIL: Final = Label("Sí, hasta las {time}", "Yes, until {time}", "Sim, até as {time}")
NEXT: Final = Label("Próximo: {when}", "Next: {when}", "Próximo: {when}")
FACTS: Final[Mapping[str, Label]] = {
    "country": Label("país", "country", "país"),
    "region": Label("región", "region", "região"),
    "debt_kind": Label("tipo de deuda", "kind of debt", "tipo de dívida"),
    "debtor_kind": Label("consumidor o empresa", "consumer or business", "consumidor ou empresa"),
    "actor_kind": Label("quién cobra", "who collects", "quem cobra"),
}
MISSING: Final = Label(
    "Faltan datos: {facts}. Se aplica la lectura más estricta.",
    "Missing facts: {facts}. The strictest reading applies.",
    "Faltam dados: {facts}. Aplica-se a leitura mais estrita.",
)
DAY_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "pt": ("seg", "ter", "qua", "qui", "sex", "sáb", "dom"),
}
_DAYS_NAMED_ALONE: Final = 6
PRUDENCE: Final = Label(
    "La ley no fija horas; por prudencia, lunes a viernes de 8:00 a 20:00 y sábado de 9:00 a 14:00 (correo: todos los días de 7:00 a 22:00).",
    "The law sets no hours; out of prudence, Monday to Friday 8:00 to 20:00 and Saturday 9:00 to 14:00 (e-mail: every day 7:00 to 22:00).",
    "A lei não fixa horas; por prudência, segunda a sexta das 8:00 às 20:00 e sábado das 9:00 às 14:00 (e-mail: todos os dias das 7:00 às 22:00).",
)


def reason_text(reason: Reason, language: str) -> str:
    """One sentence for a reason, in es (source), en or pt."""
    return REASONS[reason.code].of(language).format(**dict(reason.args))


def rule_text(policy: ContactPolicy, rule_id: str, language: str) -> str:
    """What a rule of the policy says; empty for a refusal that comes from no rule (a pause, an opt-out)."""
    if rule_id == PRODUCT:
        return PRUDENCE.of(language)
    rule = policy.rule(rule_id)
    return rule.summary.of(language) if rule and rule.summary else ""


def when_text(instant: datetime, *, today: date, zone: ZoneInfo, language: str) -> str:
    """``lun 8:00``; with the day and month when it is more than six days away: ``lun 30/11 8:00``."""
    local = instant.astimezone(zone)
    names = DAY_NAMES.get(base_language(language), DAY_NAMES["es"])
    far = f" {local.day}/{local.month}" if (local.date() - today).days > _DAYS_NAMED_ALONE else ""
    return f"{names[local.weekday()]}{far} {local.hour}:{local.minute:02}"


def verdict_text(verdict: Verdict, *, zone: ZoneInfo, language: str) -> str:
    """The whole answer in one line: until when it is allowed, or the first reason and the next lawful moment."""
    if verdict.allowed and verdict.closes_at is not None:
        local = verdict.closes_at.astimezone(zone)
        return UNTIL.of(language).format(time=f"{local.hour}:{local.minute:02}")
    if verdict.allowed:
        return ALLOWED.of(language)
    said = reason_text(verdict.reasons[0], language)
    if verdict.next_allowed_at is None:
        return said
    today = verdict.at_local.astimezone(zone).date()
    when = when_text(verdict.next_allowed_at, today=today, zone=zone, language=language)
    return f"{said} {NEXT.of(language).format(when=when)}"


def missing_text(missing: tuple[str, ...], language: str) -> str:
    """A sentence that names the unknown facts; empty when nothing is missing."""
    if not missing:
        return ""
    return MISSING.of(language).format(facts=", ".join(FACTS[fact].of(language) for fact in missing))
