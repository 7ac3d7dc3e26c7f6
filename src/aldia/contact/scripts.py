"""What a person says in a call: the published script of a stage, or of a segment within it, filled for one case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.contact import texts
from aldia.contact.composing import template_for, values_of_case
from aldia.contact.models import Template
from aldia.db.memory import remembered

if TYPE_CHECKING:
    from aldia.access.actors import Actor

BROKEN: Final = "script_promise"
_BY_STAGE: Final = {
    "current": "script_current", "preventive": "script_current", "predue": "script_current", "early": "script_early",
    "middle": "script_early", "late": "script_late", "residual": "script_residual", "legal": "script_late",
}  # fmt: skip
_USUAL: Final = "script_early"  # of a stage that a strategy invented
_OF_SEGMENT: Final = "."  # script_late.big: the script of the segment `big`
_LONGEST: Final = 60
_UNKNOWN: Final = "…"


class ScriptRefused(ValueError):
    """Raised when a script of a segment cannot be begun: it is no script, there is one, or its key would be too long."""


@dataclass(frozen=True)
class Line:
    """A paragraph of a script: said to the client, or a hint that only the agent reads."""

    text: str
    is_hint: bool


@dataclass(frozen=True)
class Script:
    """A script filled for a case, with the text and version that it comes from."""

    template_id: int
    title: str
    version: int
    lines: tuple[Line, ...]


def base_of(stage: str, *, has_broken_promise: bool) -> str:
    """Return the key of the script of a stage; after a promise not kept, its own."""
    return BROKEN if has_broken_promise else _BY_STAGE.get(stage, _USUAL)


def segments_with_script(organisation_id: int, base: str) -> list[str]:
    """Return the segments that have a published script of their own in a stage."""
    found = _published_keys(organisation_id)
    return [
        key.removeprefix(f"{base}{_OF_SEGMENT}") for key in found if key.startswith(f"{base}{_OF_SEGMENT}")
    ]


def script_of(
    actor: Actor, case_id: int, *, base: str, segments: Sequence[str], now: datetime
) -> Script | None:
    """Return the script of a case, in its client's language: that of the first of its `segments`, else of the stage.

    None where nothing is published. Raises UnknownCase.
    """
    cases.check_seen(actor, case_id)
    organisation = access.organisation_of(actor)
    language, treatment, values = values_of_case(organisation, case_id, now)
    for key in (*(f"{base}{_OF_SEGMENT}{segment}" for segment in segments), base):
        template = template_for(organisation.pk, key, texts.SCRIPT, language, treatment)
        if template is not None:
            said = texts.fill(template.body, {name: value or _UNKNOWN for name, value in values.items()})
            lines = tuple(_line(part) for part in said.split("\n\n") if part.strip())
            return Script(template.pk, template.title, template.version, lines)
    return None


@transaction.atomic
def write_for_segment(
    *, actor: Actor, template_id: int, segment_key: str, segment_name: str, now: datetime
) -> Template:
    """Begin the script of a segment from that of its stage, as a draft. Raises ScriptRefused, Template.DoesNotExist, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    base: Template = Template.objects.of(actor.organisation_id).get(pk=template_id)
    key = f"{base.key}{_OF_SEGMENT}{segment_key}"
    if base.channel != texts.SCRIPT or _OF_SEGMENT in base.key or len(key) > _LONGEST:
        raise ScriptRefused(_("De ese texto no se puede hacer un guion para un segmento."))
    same: dict[str, Any] = {
        "key": key, "channel": base.channel, "language": base.language, "treatment": base.treatment,
    }  # fmt: skip
    if Template.objects.of(actor.organisation_id).filter(**same).exists():
        raise ScriptRefused(_("Ese segmento ya tiene su guion: búscalo en la lista."))
    draft: Template = Template.objects.create(
        organisation_id=actor.organisation_id, name=f"{base.title} · {segment_name}"[:120], body=base.body,
        state="DRAFT", written_by=actor.label, **same,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="contact.template.draft", object_type="template", object_id=draft.pk, now=now,
        data={"key": key, "language": base.language, "version": draft.version},
    )  # fmt: skip
    return draft


@remembered
def _published_keys(organisation_id: int) -> list[str]:
    rows = Template.objects.of(organisation_id).filter(state="PUBLISHED", channel=texts.SCRIPT)
    return list(rows.order_by("key").values_list("key", flat=True).distinct())


def _line(part: str) -> Line:
    text = " ".join(part.split())
    is_hint = text.startswith("(") and text.endswith(")")
    return Line(text[1:-1] if is_hint else text, is_hint)
