"""The forms of the designer: a step with what it does, and a stage with when it is entered and left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from aldia.domain.labels import base_language
from aldia.engine.contact_rules import CHANNELS
from aldia.engine.strategy import ANCHORS, GRAINS, HOLDERS, MESSAGES, UNITS
from aldia.strategy.reasons import channel_name
from aldia.web.desk.forms.settings import Plain

LANGUAGES: Final = ("es", "en", "pt")
ANCHOR_WORDS: Final = {
    "due_on": gettext_lazy("el vencimiento"), "arrears_since": gettext_lazy("el inicio de la mora"),
    "stage_since": gettext_lazy("la entrada a la etapa"), "promise_due_on": gettext_lazy("la fecha prometida"),
    "last_outcome_on": gettext_lazy("el último resultado"), "next_due_on": gettext_lazy("el próximo vencimiento"),
}  # fmt: skip
KIND_WORDS: Final = {
    "notice": gettext_lazy("Avisar"), "offer": gettext_lazy("Ofrecer un acuerdo"), "bureau": gettext_lazy("Preavisar a la central de riesgo"),
    "task": gettext_lazy("Crear una tarea o visita"), "assign": gettext_lazy("Pasar el caso a otros"),
    "fee": gettext_lazy("Proponer un cargo por mora"), "write_off": gettext_lazy("Proponer un castigo"),
    "suspend": gettext_lazy("Suspender un servicio"), "webhook": gettext_lazy("Avisar a un sistema"),
    "stage": gettext_lazy("Cambiar de etapa"), "alarm": gettext_lazy("Dar una alarma"),
}  # fmt: skip
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(MESSAGES, ("template", "channel_1", "channel_2", "channel_3", "by_reach")),
    "offer": ("template", "channel_1", "channel_2", "channel_3", "by_reach", "policy"),
    "bureau": ("template", "channel_1", "channel_2", "channel_3", "by_reach", "days"),
    "task": ("task", "title", "days"), "assign": ("to", "holder"), "fee": ("percent", "days"), "write_off": ("days",),
    "suspend": ("service",), "webhook": ("event",), "stage": ("to_stage",), "alarm": ("alarm",),
}  # fmt: skip
"""The fields of each kind of act."""

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_CHANNELS: Final = ("channel_1", "channel_2", "channel_3")


def reader() -> str:
    """Return the reader's language as labels know it: es, en or pt."""
    return base_language(get_language() or "es")


def _key(text: str) -> str:
    """A key from what somebody wrote: `Línea móvil` becomes linea_movil."""
    return slugify(text).replace("-", "_")[:60] if text and not _KEY.fullmatch(text) else text


class StepForm(Plain):
    """A step of a draft. It gives the JSON of the step; whether it may be published is for the checks to say."""

    name = forms.CharField(label=gettext_lazy("Nombre"), max_length=120)
    stage = forms.ChoiceField(label=gettext_lazy("Etapa"), required=False)
    grain = forms.ChoiceField(label=gettext_lazy("Por cada"))
    offset = forms.IntegerField(
        label=gettext_lazy("Día"), min_value=-3_650, max_value=3_650, initial=0,
        help_text=gettext_lazy("0 es el mismo día; con signo menos, antes."),
    )  # fmt: skip
    unit = forms.ChoiceField(label=gettext_lazy("Días"))
    anchor = forms.ChoiceField(label=gettext_lazy("Se cuenta desde"))
    kind = forms.ChoiceField(label=gettext_lazy("Qué hace"))
    template = forms.ChoiceField(label=gettext_lazy("Plantilla"), required=False)
    channel_1 = forms.ChoiceField(label=gettext_lazy("Primero por"), required=False)
    channel_2 = forms.ChoiceField(label=gettext_lazy("Si no llega, por"), required=False)
    channel_3 = forms.ChoiceField(label=gettext_lazy("Si tampoco, por"), required=False)
    by_reach = forms.BooleanField(
        label=gettext_lazy("Primero por donde más contesta"), required=False,
        help_text=gettext_lazy("De estos canales, el que más le llegó en un año, con 3 intentos o más. Si no, en este orden."),
    )  # fmt: skip
    policy = forms.CharField(label=gettext_lazy("Política de negociación"), max_length=60, required=False)
    task = forms.CharField(
        label=gettext_lazy("Clase de tarea"), max_length=60, required=False, help_text=gettext_lazy("call, visit, review o una tuya.")
    )  # fmt: skip
    title = forms.CharField(label=gettext_lazy("Título de la tarea"), max_length=120, required=False)
    days = forms.IntegerField(label=gettext_lazy("Plazo en días"), min_value=0, max_value=365, required=False)
    to = forms.ChoiceField(label=gettext_lazy("A quién"), required=False)
    holder = forms.CharField(
        label=gettext_lazy("Cuál"), max_length=120, required=False,
        help_text=gettext_lazy("La clave del equipo, la agencia o el estudio; de una persona, su correo."),
    )  # fmt: skip
    percent = forms.IntegerField(
        label=gettext_lazy("Porcentaje de lo vencido"), min_value=1, max_value=100, required=False
    )
    service = forms.CharField(label=gettext_lazy("Servicio"), max_length=60, required=False)
    event = forms.CharField(label=gettext_lazy("Aviso"), max_length=60, required=False)
    to_stage = forms.ChoiceField(label=gettext_lazy("Etapa de destino"), required=False)
    alarm = forms.CharField(label=gettext_lazy("Alarma"), max_length=60, required=False)
    condition = forms.CharField(label=gettext_lazy("Solo si"), max_length=4_000, required=False)
    lateness = forms.IntegerField(
        label=gettext_lazy("Todavía vale, en días"), min_value=0, max_value=3_650, required=False,
        help_text=gettext_lazy("Vacío: hasta el paso siguiente."),
    )  # fmt: skip
    priority = forms.IntegerField(label=gettext_lazy("Prioridad"), min_value=0, max_value=100, initial=50)

    def __init__(
        self,
        *args: Any,
        stages: Sequence[tuple[str, str]],
        templates: Sequence[tuple[str, str]],
        kind: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = kind if kind in KIND_WORDS else "notice"
        channels = [(name, channel_name(name, reader())) for name in CHANNELS]
        self._offer("stage", [("", _("Todas")), *stages])
        self._offer("grain", [(name, _("cliente") if name == "case" else _("documento")) for name in GRAINS])
        self._offer("unit", [(name, _("corridos") if name == "calendar" else _("hábiles")) for name in UNITS])
        self._offer("anchor", [(name, str(ANCHOR_WORDS[name])) for name in ANCHORS])
        self._offer("kind", [(name, str(word)) for name, word in KIND_WORDS.items()])
        self._offer("template", templates)
        self._offer("channel_1", channels)
        for name in _CHANNELS[1:]:
            self._offer(name, [("", _("nada más")), *channels])
        self._offer(
            "to",
            list(
                zip(
                    HOLDERS,
                    (_("un equipo"), _("una persona"), _("una agencia"), _("un abogado")),
                    strict=True,
                )
            ),
        )
        self._offer("to_stage", stages)
        for name in {part for parts in PARTS.values() for part in parts} - set(PARTS[self.asked]):
            del self.fields[name]
        for name in PARTS[self.asked]:
            may_be_empty = (*_CHANNELS[1:], "by_reach", *(("days",) if self.asked != "bureau" else ()))
            self.fields[name].required = name not in may_be_empty

    def _offer(self, name: str, options: Sequence[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = list(options)

    @property
    def act_fields(self) -> list[Any]:
        """The fields of what the step does, as the kind asks."""
        return [self[name] for name in PARTS[self.asked]]

    def step(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the step as the document writes it, keeping what the form does not show of the one `before` it."""
        told = self.cleaned_data
        key = before.get("key") or _key(told["name"])
        kept = {
            name: value for name, value in before.items() if name not in ("condition", "lateness", "unit")
        }
        step = {
            **kept, "key": key, "name": _label(told["name"], before.get("name")), "grain": told["grain"], "anchor": told["anchor"],
            "offset": told["offset"], "unit": told["unit"], "priority": told["priority"], "action": self._action(before.get("action") or {}),
        }  # fmt: skip
        if told["condition"].strip():
            step["condition"] = told["condition"].strip()
        if told["lateness"] is not None:
            step["lateness"] = told["lateness"]
        return step

    def _action(self, before: Mapping[str, Any]) -> dict[str, Any]:
        told = self.cleaned_data
        action: dict[str, Any] = {"kind": self.asked}
        if self.asked in MESSAGES:
            wanted = dict.fromkeys(told[name] for name in _CHANNELS if told[name])
            action |= {"template": told["template"], "channels": list(wanted)}
            action |= {"by_reach": True} if told["by_reach"] else {}
            action |= {"attach": before["attach"]} if before.get("attach") else {}
        for name in PARTS[self.asked]:
            if name in ("policy", "task", "service", "event", "alarm"):
                action[name] = _key(told[name])
            elif name in ("to", "holder", "percent") or (name == "days" and told[name] is not None):
                action[name] = told[name]
        if self.asked == "task":
            action["title"] = _label(told["title"], before.get("title"))
        if self.asked == "stage":
            action["to"] = told["to_stage"]
        return action


class StageForm(Plain):
    """A stage: its name, when a case enters it, and when it leaves."""

    name = forms.CharField(label=gettext_lazy("Nombre"), max_length=120)
    entry = forms.CharField(
        label=gettext_lazy("Se entra si"), max_length=4_000, required=False, help_text=gettext_lazy("Vacío: todos los clientes.")
    )  # fmt: skip
    exit = forms.CharField(
        label=gettext_lazy("Se sale si"), max_length=4_000, required=False, help_text=gettext_lazy("Vacío: nadie sale por sí solo.")
    )  # fmt: skip

    def key(self) -> str:
        """Return the key of a new stage, from its name; at most 40 letters."""
        return _key(self.cleaned_data["name"])[:40]

    def changes(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the document says of the stage."""
        told = self.cleaned_data
        return {
            "name": _label(told["name"], before.get("name")),
            "entry": told["entry"].strip(),
            "exit": told["exit"].strip(),
        }


def initial_of(raw: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """Return what the form of a step shows of its JSON."""
    action = raw.get("action") if isinstance(raw.get("action"), Mapping) else {}
    channels = [*(action or {}).get("channels", []), "", "", ""][:3]
    return {
        **{name: value for name, value in raw.items() if isinstance(value, str | int)}, **(action or {}), "stage": stage,
        "name": told_name(raw.get("name")), "title": told_name((action or {}).get("title")), "to_stage": (action or {}).get("to"),
        **dict(zip(_CHANNELS, channels, strict=True)),
    }  # fmt: skip


def told_name(label: Any) -> str:
    """Return a label in the reader's language; nothing for what is no label."""
    return str(label.get(reader()) or label.get("es") or "") if isinstance(label, Mapping) else ""


def _label(text: str, before: Any) -> dict[str, str]:
    """A label in the three languages: what was written in the reader's, and in the others what they had."""
    had = before if isinstance(before, Mapping) else {}
    return {
        language: text if language == reader() else str(had.get(language) or text) for language in LANGUAGES
    }
