"""What a template must carry by law, and whether it and the message made from it do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from aldia.domain.compliance.policy import ContactPolicy

ANY_ACTION: Final = "every_collection_action"


@dataclass(frozen=True, slots=True)
class MissingContent:
    """A placeholder that a rule asks for and that is absent from a template, or empty in a message."""

    rule_id: str
    placeholder: str


def required_placeholders(
    policy: ContactPolicy, *, message_types: Collection[str], channel: str
) -> dict[str, str]:
    """The placeholders that a message of these types on that channel must carry, each with the rule that asks."""
    kinds = {*message_types, channel, ANY_ACTION}
    required: dict[str, str] = {}
    for rule_id, content in policy.contents:
        if kinds.intersection(content.message_types):
            for placeholder in content.placeholders:
                required.setdefault(placeholder, rule_id)
    return required


def missing_in_template(
    policy: ContactPolicy, *, message_types: Collection[str], channel: str, placeholders: Collection[str]
) -> tuple[MissingContent, ...]:
    """What the law asks for and the template does not name; empty when it may be published."""
    required = required_placeholders(policy, message_types=message_types, channel=channel)
    return tuple(
        MissingContent(rule_id, name) for name, rule_id in required.items() if name not in placeholders
    )


def missing_in_message(
    policy: ContactPolicy, *, message_types: Collection[str], channel: str, values: Mapping[str, str]
) -> tuple[MissingContent, ...]:
    """What the law asks for and the message leaves empty with its real data; empty when it may leave."""
    filled = {name for name, value in values.items() if value.strip()}
    return missing_in_template(policy, message_types=message_types, channel=channel, placeholders=filled)
