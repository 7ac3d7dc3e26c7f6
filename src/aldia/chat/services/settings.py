"""The rules of the bot, by house and portfolio; and replies saved to be used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import services as access_services
from aldia.access.permissions import Permission
from aldia.chat.models import SavedReply
from aldia.chat.switching import SETTING, ChatRules
from aldia.contact import services as contact
from aldia.ledger import services as ledger_services

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock


class ReplyRefused(ValueError):
    """A saved reply without name or text."""


@transaction.atomic
def set_chat(*, actor: Actor, rules: ChatRules, clock: Clock) -> None:
    """Keep how the bot works in the house; its answers need their text, which is put where it is missing. Raises NotAllowed."""
    access_services.change_settings(actor=actor, now=clock.now, settings={SETTING: rules.to_data()})
    contact.ensure_templates(organisation_id=actor.organisation_id, now=clock.now)


@transaction.atomic
def set_chat_of(*, actor: Actor, portfolio_id: int, is_on: bool | None, clock: Clock) -> None:
    """Switch the bot of one portfolio on or off; None leaves it as the house says. Raises NotAllowed."""
    own = {} if is_on is None else {"is_on": is_on}
    ledger_services.change_portfolio(
        actor=actor, portfolio_id=portfolio_id, settings={SETTING: own}, now=clock.now
    )


@transaction.atomic
def save_reply(*, actor: Actor, name: str, text: str, clock: Clock) -> SavedReply:
    """Return the saved reply of that name with this text. Raises ReplyRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    if not name.strip() or not text.strip():
        raise ReplyRefused(_("Una respuesta guardada lleva nombre y texto."))
    row: SavedReply
    row, _made = SavedReply.objects.of(actor.organisation_id).update_or_create(
        organisation_id=actor.organisation_id,
        name=name.strip()[:80],
        defaults={"text": text.strip()[:2_000]},
    )
    _record(actor, "chat.saved_reply.write", row.pk, clock)
    return row


@transaction.atomic
def drop_reply(*, actor: Actor, saved_id: int, clock: Clock) -> None:
    """Take a saved reply away; one that is gone already stays so. Raises NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    SavedReply.objects.of(actor.organisation_id).filter(pk=saved_id).delete()
    _record(actor, "chat.saved_reply.drop", saved_id, clock)


def _record(actor: Actor, verb: str, key: int, clock: Clock) -> None:
    audit.record(actor=actor, verb=verb, object_type="saved_reply", object_id=key, now=clock.now)
