"""Texts that a provider approves before they may leave (WhatsApp): how ours is proposed, its state, and when it is not needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aldia.contact import texts
from aldia.contact.inbound.models import Reply
from aldia.contact.models import ChannelSetting, Order, Template
from aldia.contact.providers.protocol import Approved

WINDOW: Final = timedelta(hours=24)
"""After somebody wrote on WhatsApp, free text may be answered for so long. Source: Meta's messaging limits."""
APPROVED: Final = "APPROVED"
_LANGUAGES: Final = {"pt-br": "pt_BR"}


@dataclass(frozen=True)
class Proposal:
    """A text as the provider reads it: numbered places, and which variable goes in each."""

    name: str
    language: str
    text: str
    variables: tuple[str, ...]


def proposal(template: Template) -> Proposal:
    """Return a published text as it is proposed; a new version has a new name, since an approved one never changes."""
    names = tuple(texts.placeholders(template.body))
    text = template.body
    for number, name in enumerate(names, start=1):
        text = text.replace(f"{{{name}}}", f"{{{{{number}}}}}")
    name = re.sub(r"[^a-z0-9_]", "_", f"{template.key}_{template.treatment}_v{template.version}".lower())
    return Proposal(name, _LANGUAGES.get(template.language, template.language), text, names)


def state_of(setting: ChannelSetting | None, wanted: Proposal) -> str:
    """Return what the provider last said of a text (`APPROVED`, `PENDING`, `REJECTED` …), empty before it was proposed."""
    told = setting.config.get("templates", {}) if setting else {}
    return str(told.get(f"{wanted.name}:{wanted.language}", ""))


def approved(
    setting: ChannelSetting | None, template: Template, values: Mapping[str, str | None]
) -> Approved | None:
    """Return the approved text with its values in order; None while it is not approved."""
    wanted = proposal(template)
    if state_of(setting, wanted) != APPROVED:
        return None
    return Approved(wanted.name, wanted.language, tuple(values[name] or "" for name in wanted.variables))


def is_in_window(order: Order, now: datetime) -> bool:
    """Return whether the person of the case wrote on that channel within the hours in which free text may be answered."""
    rows = Reply.objects.of(order.organisation_id).filter(case_id=order.case_id, channel=order.channel)
    return bool(rows.filter(received_at__gt=now - WINDOW, received_at__lte=now).exists())
