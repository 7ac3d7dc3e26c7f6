"""Reads of conversations: who holds one and why, what was said in order, how many needed nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor, system
from aldia.chat.models import Conversation, Exchange, SavedReply
from aldia.chat.words import TITLES, WHYS
from aldia.contact import inbox
from aldia.db.prepared import prepared

MOST: Final = 100
BOT: Final = "bot"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One thing said. `who`: debtor, bot or staff; `name` is of the person of the team; `did` what the bot did with it."""

    who: str
    text: str
    at: datetime
    channel: str
    name: str = ""
    did: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a conversation and why; `holder` is empty while nobody took it."""

    is_held: bool
    why: str
    holder: str
    holder_id: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """How many conversations there were, and in how many of them nobody of the team was needed."""

    total: int
    alone: int


def holding_of(actor: Actor, case_id: int) -> Holding | None:
    """Return who holds the conversation of a case; None for a case that never had one."""
    row = Conversation.objects.of(actor.organisation_id).filter(case_id=case_id).first()
    if row is None:
        return None
    names = {each.user_id: each.user.name for each in access.members(actor)}
    why = str(WHYS.get(row.why, "")) if row.is_held else ""
    return Holding(row.is_held, why, names.get(row.held_by_id, "") if row.held_by_id else "", row.held_by_id)


def transcript(actor: Actor, case_id: int, *, limit: int = MOST) -> list[Bubble]:
    """Return what was said about a case on channels that the bot answers, the oldest first."""
    names = {f"user:{each.user_id}": each.user.name for each in access.members(actor)}
    rows = Exchange.objects.of(actor.organisation_id).filter(conversation__case_id=case_id)
    exchanges = list(rows.order_by("-pk")[:limit])
    replies = {row.pk: row for row in inbox.replies_of_case(system(actor.organisation_id), case_id)}
    bubbles: list[Bubble] = []
    for row in reversed(exchanges):
        reply = replies.get(row.reply_id or 0)
        if reply is not None and row.author == BOT:
            bubbles.append(Bubble("debtor", reply.text, reply.received_at, row.channel))
        who, name = ("bot", _("Asistente")) if row.author == BOT else ("staff", names.get(row.author, ""))
        did = tuple(str(TITLES[act]) for act in row.acts if act in TITLES)
        bubbles += [
            Bubble(who, text, row.at, row.channel, name, did if not at else ())
            for at, text in enumerate(row.said)
        ]
    return bubbles


def answers_of_case(actor: Actor, case_id: int) -> list[Exchange]:
    """Return what the bot or a person answered on the page of a case, newest first: by telephone the messages tell it."""
    return [row for row in _on_the_page(actor.organisation_id, case_id) if row.said]


@prepared
def _on_the_page(organisation_id: int, case_id: int) -> Any:
    rows = Exchange.objects.of(organisation_id).filter(conversation__case_id=case_id, channel="portal")
    return rows.order_by("-pk")[:MOST]


def evidence(organisation_id: int, case_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what was answered in the conversations of the cases, oldest first: by the assistant or by whom, and what it did."""
    rows = Exchange.objects.of(organisation_id).filter(conversation__case_id__in=case_ids)
    fields = ("id", "reply_id", "author", "channel", "said", "acts", "is_known", "at")
    return list(rows.order_by("pk").values(*fields, case_id=F("conversation__case_id")))


def saved_replies(actor: Actor) -> list[SavedReply]:
    """Return the texts that the team saved, by name."""
    return list(SavedReply.objects.of(actor.organisation_id).order_by("name"))


def solved_alone(actor: Actor, *, since: datetime) -> Share:
    """Return how many conversations had an answer of the bot since an instant, and how many of those needed no person."""
    rows = Exchange.objects.of(actor.organisation_id).filter(at__gte=since, author=BOT)
    talked = set(rows.values_list("conversation_id", flat=True))
    acts = rows.values_list("conversation_id", "acts")
    handed = {key for key, done in acts if any(act.startswith("hand_over") for act in done)}
    taken = (
        Exchange.objects.of(actor.organisation_id)
        .filter(at__gte=since, conversation_id__in=talked)
        .exclude(author=BOT)
    )
    return Share(len(talked), len(talked - handed - set(taken.values_list("conversation_id", flat=True))))
