"""Reads the rule packs that ship with aldia and gives cached contact policies made from them."""

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml

from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.packs import RuleBook, RulePack
from aldia.domain.compliance.parsing import parse_pack
from aldia.domain.compliance.policy import ContactPolicy, policy_for

SHIPPED: Final = Path(__file__).parent / "rules" / "rules.yaml"
_VERSION_DIGITS: Final = 12


class UnreadableRuleFile(ValueError):
    """The rule file is missing, is not YAML, or holds a country twice."""


@lru_cache(maxsize=1)
def shipped_rules() -> RuleBook:
    """The packs that ship with aldia, read once. Raises UnreadableRuleFile, MalformedRule or UnknownRuleKind."""
    return read_rules(SHIPPED)


def read_rules(path: Path) -> RuleBook:
    """The rule book of one YAML file with a document per country; its version is its latest date and its hash."""
    try:
        raw = path.read_bytes()
        documents = list(yaml.load_all(raw.decode("utf-8"), Loader=yaml.CSafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise UnreadableRuleFile(
            f"{path.name}: {problem}; expected UTF-8 YAML, one document per country"
        ) from problem
    packs = _by_country(path, [parse_pack(document) for document in documents])
    latest = max(pack.as_of for pack in packs.values())
    return RuleBook(packs, f"{latest.isoformat()}+{hashlib.sha256(raw).hexdigest()[:_VERSION_DIGITS]}")


@lru_cache(maxsize=4096)
def policy_under(book: RuleBook, facts: CaseFacts, *, on: date) -> ContactPolicy:
    """The cached policy of a book for these facts on that date."""
    return policy_for(book, facts, on=on)


def _by_country(path: Path, packs: Sequence[RulePack]) -> dict[str, RulePack]:
    if not packs:
        raise UnreadableRuleFile(f"{path.name}: no document found; expected one per country")
    found: dict[str, RulePack] = {}
    for pack in packs:
        if pack.country in found:
            raise UnreadableRuleFile(
                f"{path.name}: country {pack.country} found twice; expected one document each"
            )
        found[pack.country] = pack
    return found
