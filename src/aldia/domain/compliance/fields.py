"""Checked reading of single fields of a rule: what was found either has the expected shape or is refused by name.

Every reader takes the rule and the field, to name them when it raises MalformedRule.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from aldia.domain.compliance.packs import CHANNELS, KINDS, MINUTES_A_DAY
from aldia.domain.labels import LANGUAGES, Label

Data = Mapping[str, Any]


class MalformedRule(ValueError):
    """A rule or pack that cannot be read. Names the rule, the field, what was found and what was expected."""

    def __init__(self, rule: str, field: str, found: object, expected: str) -> None:
        super().__init__(f"rule {rule}, field {field}: found {found!r}, expected {expected}")
        self.rule, self.field, self.found, self.expected = rule, field, found, expected


class UnknownRuleKind(MalformedRule):
    """A rule whose kind is none of the twelve."""

    def __init__(self, rule: str, found: object) -> None:
        super().__init__(rule, "kind", found, "one of " + ", ".join(KINDS))


def read_mapping(data: object, rule: str, field: str) -> Data:
    """The value as a mapping."""
    if not isinstance(data, Mapping):
        raise MalformedRule(rule, field, data, "a mapping")
    return data


def read_sequence(data: Data, field: str, rule: str) -> Sequence[Any]:
    """The list held by a field."""
    found = data.get(field)
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise MalformedRule(rule, field, found, "a list")
    return found


def read_text(data: Data, field: str, rule: str) -> str:
    """The non-empty text held by a field."""
    found = data.get(field)
    if not isinstance(found, str) or not found.strip():
        raise MalformedRule(rule, field, found, "a text")
    return found


def read_label(found: object, rule: str, field: str) -> Label | None:
    """A text in the three languages; one text alone serves all of them, and nothing stays nothing."""
    if found is None:
        return None
    texts = dict.fromkeys(LANGUAGES, found) if isinstance(found, str) else found
    if not isinstance(texts, Mapping) or set(texts) != set(LANGUAGES):
        raise MalformedRule(rule, field, found, "a text, or one for each of es, en and pt")
    return Label(**{language: read_text(texts, language, rule) for language in LANGUAGES})


def read_texts(found: object, rule: str, field: str) -> tuple[str, ...]:
    """One text or a list of texts, as a tuple."""
    if isinstance(found, str):
        return (found,)
    if not isinstance(found, Sequence) or not all(isinstance(item, str) for item in found):
        raise MalformedRule(rule, field, found, "a text or a list of texts")
    return tuple(found)


def read_channels(params: Data, rule: str) -> tuple[str, ...]:
    """The channels of a rule, all of them known."""
    found = read_texts(read_sequence(params, "channels", rule), rule, "channels")
    return tuple(read_one_of(channel, CHANNELS, rule, "channels") for channel in found)


def read_words(found: object, allowed: Sequence[str], rule: str, field: str) -> tuple[str, ...]:
    """One word or a list of words, all of them allowed: a misspelt filter would silently bind nobody."""
    return tuple(read_one_of(word, allowed, rule, field) for word in read_texts(found, rule, field))


def read_one_of(found: object, allowed: Sequence[str], rule: str, field: str) -> str:
    """The value, when it is one of the allowed words."""
    if found not in allowed:
        raise MalformedRule(rule, field, found, "one of " + ", ".join(allowed))
    return str(found)


def read_flag(found: object, rule: str, field: str) -> bool:
    """The value as true or false."""
    if not isinstance(found, bool):
        raise MalformedRule(rule, field, found, "true or false")
    return found


def read_count(found: object, rule: str, field: str) -> int:
    """The value as a whole number of zero or more."""
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise MalformedRule(rule, field, found, "a whole number of zero or more")
    return found


def read_day(found: object, rule: str, field: str) -> date:
    """The value as a date."""
    if isinstance(found, date):
        return found
    try:
        return date.fromisoformat(str(found))
    except ValueError:
        raise MalformedRule(rule, field, found, "a date as YYYY-MM-DD") from None


def read_minute(found: object, rule: str, field: str) -> int:
    """An hour in quotes as minutes from midnight; "24:00" is the end of the day."""
    hours, colon, minutes = str(found).partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(minutes) < 60:
        total = int(hours) * 60 + int(minutes)
        if total <= MINUTES_A_DAY:
            return total
    # YAML 1.1 reads an unquoted 07:00 as the number 420: the quotes are part of the format.
    raise MalformedRule(rule, field, found, 'an hour in quotes such as "07:00"')
