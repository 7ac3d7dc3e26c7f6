"""Why something was decided, in words: Spanish, English and Portuguese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from aldia.domain.labels import Label

_REASONS: Final[Mapping[str, Label]] = {
    "due": Label("Le toca hoy por su fecha.", "It is due by its date.", "É a vez pela data."),
    "reach": Label(
        "Por {channel}, porque por ahí contestó {reached} de {tries}.",
        "By {channel}, which reached them {reached} of {tries} times.",
        "Por {channel}, porque por ali respondeu {reached} de {tries}.",
    ),
    "fallback": Label(
        "Por {channel}: no se le puede escribir por {from}.",
        "By {channel}: there is no way to write by {from}.",
        "Por {channel}: não é possível escrever por {from}.",
    ),
    "stage_entry": Label(
        "Cumple la condición de la etapa.",
        "It meets the condition of the stage.",
        "Cumpre a condição da etapa.",
    ),
    "held_out": Label(
        "Está en el grupo de control del experimento: no recibe nada de él.",
        "In the control group of the experiment: they get nothing of it.",
        "Está no grupo de controle do experimento: não recebe nada dele.",
    ),
    "hold": Label("En pausa: {kind}.", "On hold: {kind}.", "Em pausa: {kind}."),
    "no_consent": Label(
        "La norma pide su consentimiento para {channels} y no lo dio.",
        "The rules ask for their consent to {channels}, and they have not given it.",
        "A norma exige o seu consentimento para {channels}, e ele não foi dado.",
    ),
    "opted_out": Label(
        "Pidió no recibir mensajes por {channels}.",
        "They asked for no messages by {channels}.",
        "Pediu para não receber mensagens por {channels}.",
    ),
    "unreachable": Label(
        "Sin datos de contacto para {channels}.",
        "No contact details for {channels}.",
        "Sem dados de contato para {channels}.",
    ),
    "closed_day": Label(
        "Hoy la norma no permite contactar por {channel}.",
        "The rules allow no contact by {channel} today.",
        "Hoje a norma não permite contato por {channel}.",
    ),
    "cap": Label(
        "Llegó al máximo de {max} contactos de la regla {rule}.",
        "The most of {max} contacts of rule {rule} is reached.",
        "Atingiu o máximo de {max} contatos da regra {rule}.",
    ),
    "lapsed": Label(
        "Se pasó su plazo el {ended_on}: sigue el paso siguiente.",
        "Its time ended on {ended_on}: the next step follows.",
        "O prazo terminou em {ended_on}: segue o próximo passo.",
    ),
    "already_raised": Label(
        "Ya hay una alarma igual sin resolver.",
        "There is an equal alarm that is not resolved.",
        "Já há um alarme igual sem resolver.",
    ),
}
_CHANNELS: Final[Mapping[str, Label]] = {
    "email": Label("correo", "e-mail", "e-mail"),
    "sms": Label("SMS", "text message", "SMS"),
    "whatsapp": Label("WhatsApp", "WhatsApp", "WhatsApp"),
    "call": Label("llamada", "call", "ligação"),
    "letter": Label("carta", "letter", "carta"),
    "visit": Label("visita", "visit", "visita"),
}
_HOLDS: Final[Mapping[str, Label]] = {
    "promise": Label("promesa vigente", "open promise", "promessa em aberto"),
    "plan": Label("plan de pagos", "payment plan", "plano de pagamento"),
    "dispute": Label("disputa abierta", "open dispute", "contestação aberta"),
    "reported_payment": Label("pago informado", "payment reported", "pagamento informado"),
    "manual": Label("la pidió una persona", "asked by a person", "pedida por uma pessoa"),
    "legal": Label("freno legal", "legal stop", "freio legal"),
    "hardship": Label("dificultad económica", "hardship", "dificuldade econômica"),
}
_ACTIONS: Final[Mapping[str, Label]] = {
    "notice": Label("aviso", "notice", "aviso"),
    "task": Label("tarea", "task", "tarefa"),
    "stage": Label("cambio de etapa", "change of stage", "mudança de etapa"),
    "alarm": Label("alarma", "alarm", "alarme"),
    "offer": Label("oferta", "offer", "oferta"),
    "bureau": Label(
        "preaviso a la central de riesgo", "credit-bureau notice", "pré-aviso ao birô de crédito"
    ),
    "assign": Label("cambio de manos", "change of hands", "mudança de mãos"),
    "fee": Label("cargo por mora", "late fee", "multa por atraso"),
    "write_off": Label("propuesta de castigo", "write-off proposal", "proposta de baixa"),
    "suspend": Label("suspensión del servicio", "service suspension", "suspensão do serviço"),
    "webhook": Label("aviso a un sistema", "call to a system", "aviso a um sistema"),
}
_STATES: Final[Mapping[str, Label]] = {
    "take": Label("se hace", "to do", "a fazer"),
    "taken": Label("hecho", "done", "feito"),
    "withheld": Label("retenido", "withheld", "retido"),
    "missed": Label("no se hizo a tiempo", "not done in time", "não feito a tempo"),
}


def reason_text(reason: str, arguments: Mapping[str, Any], *, channel: str, language: str) -> str:
    """Return the reason of a decision as one sentence. An unknown reason is shown as its code."""
    label = _REASONS.get(reason)
    if label is None:
        return reason
    told = {"channel": channel_name(channel, language), **arguments}
    for name in ("from", "channel"):
        if name in arguments:
            told[name] = channel_name(str(arguments[name]), language)
    if "channels" in arguments:
        told["channels"] = ", ".join(channel_name(str(name), language) for name in arguments["channels"])
    if "kind" in arguments:
        told["kind"] = hold_name(str(arguments["kind"]), language)
    if "ended_on" in arguments:
        told["ended_on"] = day_text(date.fromisoformat(str(arguments["ended_on"])), language)
    return label.of(language).format(**told)


def channel_name(channel: str, language: str) -> str:
    """Return the name of a channel for people."""
    return _named(_CHANNELS, channel, language)


def hold_name(kind: str, language: str) -> str:
    """Return the name of a kind of pause for people."""
    return _named(_HOLDS, kind, language)


def action_name(action: str, language: str) -> str:
    """Return the name of a kind of act for people."""
    return _named(_ACTIONS, action, language)


def state_name(state: str, language: str) -> str:
    """Return the name of a decision's state for people."""
    return _named(_STATES, state, language)


def _named(names: Mapping[str, Label], key: str, language: str) -> str:
    return names[key].of(language) if key in names else key


def day_text(day: date, language: str) -> str:
    """Return a day as the language writes it: 4 Nov 2026, 04/11/2026."""
    return f"{day.day} {day:%b %Y}" if language.startswith("en") else f"{day:%d/%m/%Y}"
