"""What a message must carry by law."""

from collections.abc import Collection
from typing import Final

from aldia.domain.compliance.policy import ContactPolicy

ANY_ACTION: Final = "every_collection_action"


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
