"""What a text is asked before it is published: its tone, and what the law of the organisation's countries wants it to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.contact import texts
from aldia.contact.calls import sounds
from aldia.contact.house.book import book_of, facts_of
from aldia.contact.models import Template
from aldia.contact.rulepacks import policy_under
from aldia.domain.compliance.content import required_placeholders
from aldia.domain.keypad import KEYS_TOLD
from aldia.domain.tone import Tone, tone_of
from aldia.ledger import selectors as ledger

MESSAGE_TYPES: Final = ("first_contact", "collection_document")
"""Any notice of collection may be the first one that somebody gets: the strictest reading."""
_LONG: Final = frozenset({"email", "letter"})
_BY_VARIABLE: Final[Mapping[str, str]] = {
    "creditor_name": "acreedor", "collector_legal_name": "acreedor", "amount_due": "importe", "total_due": "importe",
    "debt_reference": "documentos", "contract_or_operation": "documentos", "payment_methods": "enlace",
    "payment_instructions_to_creditor": "enlace", "collector_phone": "telefono", "complaints_unit_contact": "telefono",
}  # fmt: skip
"""What the law asks for and one of our variables says."""
_CARRIED: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        (
            "creditor_name", "collector_legal_name", "amount_due", "total_due", "debt_reference", "contract_or_operation",
            "payment_methods", "payment_instructions_to_creditor", "collector_phone", "complaints_unit_contact",
            "creditor_address", "collector_address", "calculation_date",
        ),
        _LONG,
    ),
    "creditor_tax_id": frozenset({"letter"}),
}  # fmt: skip
"""What the product itself puts around the text of these channels: the signature, the list of documents, how to pay, the day."""

_TO_ANYBODY: Final = frozenset(
    {
        "collector_legal_name", "collector_phone", "collector_address", "complaints_unit_contact", "recording_notice",
        "privacy_notice_link",
    }
)  # fmt: skip
"""What a greeting may say before it knows who listens."""
_GREETING: Final = "keypad_opening"
_KEYS: Final[Mapping[str, str]] = {f"keypad_{say}": keys for say, keys in KEYS_TOLD.items()}


@dataclass(frozen=True)
class Asked:
    """Something that a rule asks of the text and that it does not say. `variable`: ours that says it, empty when none does."""

    placeholder: str
    rule_id: str
    country: str
    variable: str


@dataclass(frozen=True)
class Review:
    """The tone of a text and what the law misses in it; `may_be_published` when there is nothing that only a change mends."""

    tone: Tone
    asked: tuple[Asked, ...]
    keys: str = ""  # of the telephone, that the words have to name and do not
    sound: str = ""  # that a person has to have recorded

    @property
    def lacking(self) -> tuple[Asked, ...]:
        """What a variable of ours would say: it has to be there."""
        return tuple(one for one in self.asked if one.variable)

    @property
    def to_confirm(self) -> tuple[Asked, ...]:
        """What only a person can see in the words: it is confirmed with a reason that is kept."""
        return tuple(one for one in self.asked if not one.variable)

    @property
    def may_be_published(self) -> bool:
        return not self.tone.remarks and not self.lacking and not self.keys

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to say how it keeps what no program can see."""
        return bool(self.to_confirm or self.sound)


class NotFit(ValueError):
    """Raised when a text is not fit to be published; `review` says why."""

    def __init__(self, review: Review) -> None:
        self.review = review
        words = [remark.text(get_language() or "es") for remark in review.tone.remarks]
        words += [
            _("Falta {%(variable)s}: lo pide la norma %(rule)s.")
            % {"variable": one.variable, "rule": one.rule_id}
            for one in review.lacking
        ]
        words += [_("No dice la tecla %(key)s.") % {"key": key} for key in review.keys]
        super().__init__(" ".join(words))


class NeedsConfirming(ValueError):
    """Raised when the law asks for words that only a person can see, and nobody said that they are there."""

    def __init__(self, review: Review) -> None:
        self.review = review
        rules = ", ".join(sorted({one.rule_id for one in review.to_confirm}))
        words = (
            [_("Di cómo cumple lo que piden estas normas: %(rules)s.") % {"rules": rules}] if rules else []
        )
        if review.sound:
            words.append(_("Di quién grabó el sonido %(sound)s en la central.") % {"sound": review.sound})
        super().__init__(" ".join(words))


def review(actor: Actor, template: Template, *, subject: str, body: str, on: date) -> Review:
    """Return how a text stands before it is published, by the law of the countries where the organisation collects."""
    return Review(
        tone_of(f"{subject}\n{body}" if template.channel in _LONG else body, template.language),
        _asked(actor, template, subject + body, on),
        keys="".join(key for key in _KEYS.get(template.key, "") if not re.search(rf"\b{key}\b", body)),
        sound=sounds.name_of(template) if template.channel == texts.KEYPAD else "",
    )


def _asked(actor: Actor, template: Template, text: str, on: date) -> tuple[Asked, ...]:
    if template.channel == texts.SCRIPT or texts.purposes().get(template.key, "collection") != "collection":
        return ()
    if template.channel == texts.KEYPAD:
        return _asked_of_a_greeting(actor, on) if template.key == _GREETING else ()
    said = set(texts.placeholders(text))
    found: dict[str, Asked] = {}
    for country, required in _required(actor, template.channel, on).items():
        for name, rule_id in required.items():
            variable = _BY_VARIABLE.get(name, "")
            if template.channel not in _CARRIED.get(name, ()) and variable not in said:
                found.setdefault(name, Asked(name, rule_id, country, variable))
    return tuple(found.values())


def _asked_of_a_greeting(actor: Actor, on: date) -> tuple[Asked, ...]:
    """What the law asks of a call and anybody may hear: a recorded voice says it in its own words, which a person confirms."""
    found: dict[str, Asked] = {}
    for country, required in _required(actor, "call", on).items():
        for name in sorted(_TO_ANYBODY & required.keys()):
            found.setdefault(name, Asked(name, required[name], country, ""))
    return tuple(found.values())


def _required(actor: Actor, channel: str, on: date) -> dict[str, dict[str, str]]:
    """What each country of the organisation's portfolios asks of a message by that channel."""
    home = access.organisation_of(actor).country
    found = {facts_of(row, country=row.country or home) for row in ledger.portfolios(actor)}
    required: dict[str, dict[str, str]] = {}
    book = book_of(actor.organisation_id)
    for facts in sorted(found, key=str):
        policy = policy_under(book, facts, on=on)
        asked = required_placeholders(policy, message_types=MESSAGE_TYPES, channel=channel)
        country = facts.country or ""
        required[country] = {**required.get(country, {}), **asked}
    return required
