"""Templates with their versions, and which provider serves each channel."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact import publishing, texts
from aldia.contact.models import ChannelSetting, Template
from aldia.contact.providers import FOLDERS, UnknownProvider

CHANNELS = ("email", "sms", "whatsapp", "letter", "call")


class OwnTextNeedsAnother(Exception):
    """Raised when the organisation asks for a second person and the writer tries to publish the text."""


def ensure_templates(*, organisation_id: int, now: datetime) -> int:
    """Give an organisation the notices that ship with aldia, those it does not have yet; return how many."""
    known = set(Template.objects.of(organisation_id).values_list("key", "channel", "language", "treatment"))
    fresh = [
        Template(
            organisation_id=organisation_id, key=text.key, channel=text.channel, language=text.language,
            treatment=text.treatment, name=text.name, subject=text.subject, body=text.body, state="PUBLISHED",
            written_by="system", published_by="system", published_at=now,
        )
        for text in texts.library()
        if (text.key, text.channel, text.language, text.treatment) not in known
    ]  # fmt: skip
    Template.objects.bulk_create(fresh)
    for channel in CHANNELS:
        ChannelSetting.objects.of(organisation_id).get_or_create(
            organisation_id=organisation_id, channel=channel
        )
    return len(fresh)


@transaction.atomic
def save_draft(*, actor: Actor, template_id: int, subject: str, body: str, now: datetime) -> Template:
    """Return a draft of the next version of a template. Raises UnknownVariables, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    rows = Template.objects.of(actor.organisation_id)
    base: Template = rows.get(pk=template_id)
    texts.check(subject + body, base.channel)
    same = rows.filter(key=base.key, channel=base.channel, language=base.language, treatment=base.treatment)
    draft = same.filter(state="DRAFT").first()
    if draft is None:
        latest = same.order_by("-version").first()
        draft = Template(
            organisation_id=actor.organisation_id, key=base.key, channel=base.channel, language=base.language,
            treatment=base.treatment, name=base.name, version=latest.version + 1, state="DRAFT",
        )  # fmt: skip
    if (draft.subject, draft.body, bool(draft.pk)) == (subject, body, True):
        return draft  # whoever only reads it does not become its writer
    draft.subject, draft.body, draft.written_by = subject, body, actor.label
    draft.save()
    audit.record(
        actor=actor, verb="contact.template.draft", object_type="template", object_id=draft.pk, now=now,
        data={"key": draft.key, "version": draft.version},
    )  # fmt: skip
    return draft


@transaction.atomic
def publish_template(
    *, actor: Actor, template_id: int, has_second_person: bool, now: datetime, confirmed: str = ""
) -> Template:
    """Publish a draft; the version before is retired. `confirmed`: how it says what only a person can see that it says.

    Raises NotFit, NeedsConfirming, OwnTextNeedsAnother, Template.DoesNotExist.
    """
    actor.check(Permission.EDIT_SETTINGS)
    rows = Template.objects.of(actor.organisation_id)
    draft: Template = rows.select_for_update().get(pk=template_id, state="DRAFT")
    if has_second_person and draft.written_by == actor.label:
        raise OwnTextNeedsAnother(_("Quien escribió el texto no puede publicarlo: pídelo a otra persona."))
    reviewed = publishing.review(actor, draft, subject=draft.subject, body=draft.body, on=now.date())
    if not reviewed.may_be_published:
        raise publishing.NotFit(reviewed)
    if reviewed.needs_a_person and not confirmed.strip():
        raise publishing.NeedsConfirming(reviewed)
    rows.filter(
        key=draft.key,
        channel=draft.channel,
        language=draft.language,
        treatment=draft.treatment,
        state="PUBLISHED",
    ).update(state="RETIRED")
    draft.state, draft.published_by, draft.published_at = "PUBLISHED", actor.label, now
    draft.save(update_fields=["state", "published_by", "published_at"])
    audit.record(
        actor=actor, verb="contact.template.publish", object_type="template", object_id=draft.pk, now=now,
        data={
            "key": draft.key, "version": draft.version, "confirmed": confirmed.strip()[:200],
            "rules": sorted({one.rule_id for one in reviewed.to_confirm}),
        },
    )  # fmt: skip
    return draft


@transaction.atomic
def set_channel(*, actor: Actor, channel: str, now: datetime, **changes: Any) -> ChannelSetting:
    """Change how a channel leaves: provider, is_live, is_paused, per_minute, sender, config. Raises UnknownProvider, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    if changes.get("provider", "sandbox") not in FOLDERS:
        raise UnknownProvider(_("No existe el proveedor «%(name)s».") % {"name": changes["provider"]})
    setting, _made = ChannelSetting.objects.of(actor.organisation_id).update_or_create(
        organisation_id=actor.organisation_id, channel=channel, defaults=changes
    )
    audit.record(
        actor=actor, verb="contact.channel.change", object_type="channel", object_id=channel, now=now,
        data={"fields": sorted(changes)},
    )  # fmt: skip
    return setting
