"""Facts of one's own: a column of the files declared with a key, a type and its words, so that rules may name it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.engine.own_facts import LANGUAGES, own_fact
from aldia.engine.vocabulary import OWN_PREFIX
from aldia.strategy.models import OwnFact, Segment, Strategy, StrategyVersion
from aldia.strategy.titles import titles


class FactRefused(ValueError):
    """A declaration that cannot be: `part` names what is wrong, the text says how to repair it."""

    def __init__(self, part: str, text: str) -> None:
        self.part = part
        super().__init__(text)


@dataclass(frozen=True)
class FactDraft:
    """A column as somebody declares it. An empty `key` is made from the column; of the labels, the Spanish one is enough.

    `decimal` is how the column writes its numbers, `is_month_first` how it writes dates that are not ISO.
    """

    column: str
    type: str
    key: str = ""
    grain: str = "case"
    unit: str = ""
    label: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ","
    is_month_first: bool = False

    @property
    def rule_key(self) -> str:
        """The word that rules will write."""
        name = (self.key or slugify(self.column)).lower().replace("-", "_").removeprefix(OWN_PREFIX)
        return f"{OWN_PREFIX}{name[:40]}"

    @property
    def labels(self) -> dict[str, str]:
        """The label in every language; where it is missing, the Spanish one, and without it the column's title."""
        first = self.label.get("es", "").strip() or self.column
        return {language: self.label.get(language, "").strip()[:120] or first[:120] for language in LANGUAGES}


@transaction.atomic
def declare_fact(*, actor: Actor, draft: FactDraft, now: datetime) -> OwnFact:
    """Return the fact, new or changed by its key. What rules already name keeps its type and whose it is.

    Raises FactRefused, NotAllowed.
    """
    actor.check(Permission.EDIT_STRATEGIES)
    is_title = draft.column.strip() and draft.column.isprintable() and "\\" not in draft.column
    if not is_title or draft.decimal not in (",", "."):
        raise FactRefused("column", _("Elige la columna del archivo que trae el dato."))
    told = {"grain": draft.grain, "type": draft.type, "unit": draft.unit, "label": draft.labels}
    try:
        own_fact(draft.rule_key, told)
    except ValueError as wrong:
        raise FactRefused(str(wrong), _repair(str(wrong))) from wrong
    before = OwnFact.objects.of(actor.organisation_id).filter(key=draft.rule_key).first()
    if before is not None and (before.type, before.grain) != (draft.type, draft.grain):
        _refuse_in_use(actor, draft.rule_key)
    row: OwnFact
    row, _made = OwnFact.objects.of(actor.organisation_id).update_or_create(
        organisation_id=actor.organisation_id, key=draft.rule_key,
        defaults={**told, "column": draft.column[:200], "decimal": draft.decimal, "is_month_first": draft.is_month_first},
    )  # fmt: skip
    _record(actor, "strategy.fact.declare", row, asdict(draft) | {"key": row.key, "label": draft.labels}, now)
    return row


@transaction.atomic
def forget_fact(*, actor: Actor, key: str, now: datetime) -> None:
    """Take back a declaration; the column's cells stay in the documents. Raises FactRefused when rules name it, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    row = OwnFact.objects.of(actor.organisation_id).filter(key=key).first()
    if row is None:
        raise FactRefused("key", _("Ese dato no está declarado."))
    _refuse_in_use(actor, key)
    _record(actor, "strategy.fact.forget", row, {"key": key, "column": row.column}, now)
    row.delete()


def users_of(organisation_id: int, key: str) -> list[str]:
    """Return the names of the segments and strategies, published or not, whose rules name a fact."""
    word = re.compile(rf"\b{re.escape(key)}\b")
    segments = Segment.objects.of(organisation_id).values_list("name", "rule")
    found = [name for name, rule in segments if word.search(rule)]
    keys = dict(Strategy.objects.of(organisation_id).values_list("pk", "key"))
    names = titles(organisation_id)
    texts = list(Strategy.objects.of(organisation_id).values_list("pk", "draft"))
    texts += StrategyVersion.objects.of(organisation_id).values_list("strategy_id", "document")
    used = {pk for pk, document in texts if word.search(json.dumps(document))}
    return sorted([*found, *(names[keys[pk]] for pk in used if pk in keys)])


def _refuse_in_use(actor: Actor, key: str) -> None:
    users = users_of(actor.organisation_id, key)
    if users:
        told = {"key": key, "users": ", ".join(users[:5])}
        raise FactRefused(
            "key",
            _("Lo nombran reglas de %(users)s. Declara otro con otra clave, o cambia antes esas reglas.")
            % told,
        )


def _repair(part: str) -> str:
    return {
        "key": _("La clave va en minúsculas, sin espacios ni acentos: letras, números y guion bajo."),
        "grain": _("Elige si el dato es del cliente o de cada documento."),
        "type": _("Elige qué clase de dato es."),
        "unit": _("Elige una de las unidades de la lista, o ninguna."),
    }.get(part, _("Escribe cómo se llama el dato."))


def _record(actor: Actor, verb: str, row: OwnFact, data: dict[str, object], now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="own_fact", object_id=row.pk, now=now, data=data)
