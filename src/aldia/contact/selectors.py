"""Reads of the room: may I contact now, the mailbox, the outbox, the history of a case's messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, QuerySet

from aldia.access.actors import Actor, Clock, system
from aldia.contact import law, mail_server
from aldia.contact.models import (
    Attempt,
    ChannelSetting,
    GateProof,
    Message,
    Order,
    StaffMail,
    Template,
    Touch,
    WebhookCall,
    WebhookEndpoint,
)
from aldia.contact.texts import KEYPAD, SCRIPT, purposes
from aldia.db.memory import remembered
from aldia.db.pages import Page, paged
from aldia.db.prepared import prepared
from aldia.domain import reach as reaching
from aldia.domain.compliance.gate import Verdict
from aldia.domain.compliance.texts import reason_text, rule_text, verdict_text
from aldia.domain.visits import kind_of_place
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.parties.models import ContactPoint

MOST_TOLD: Final = 10_000
CHANNELS = ("call", "whatsapp", "email", "sms", "letter", "visit")


@dataclass(frozen=True)
class ChannelAnswer:
    """Whether the person of a case may be reached by a channel now; with words for the screen."""

    channel: str
    point_id: int | None
    to: str
    label: str
    is_allowed: bool
    text: str
    reasons: tuple[str, ...]
    next_at: datetime | None  # the opening, when it is not allowed now
    closes_at: datetime | None  # the closing, when it is
    laws: tuple[str, ...]  # what each rule that decided says


def may_contact_now(
    actor: Actor, case_id: int, *, clock: Clock, language: str, channels: Sequence[str] = CHANNELS
) -> list[ChannelAnswer]:
    """Return an answer for each channel (all, unless said), in order, with the point it would use and the reason when not."""
    about = law.matter(actor.organisation_id, case_id, on=clock.as_of)
    points = parties.best_points(about.organisation_id, about.party.pk, about.portfolio.creditor_id)
    place = kind_of_place(points["visit"].label) if "visit" in points else None
    verdicts = law.ask_each(about, channels=channels, at=clock.now, place=place)
    return [_answer(about, channel, verdicts[channel], points.get(channel), language) for channel in channels]


def reach(actor: Actor, case_id: int, *, clock: Clock) -> reaching.Reach:
    """Return by which channel and in which hours the person of a case has answered, in the person's own clock.

    It asks nothing more of the database than `may_contact_now` did for the same request.
    """
    about = law.matter(actor.organisation_id, case_id, on=clock.as_of)
    zone = about.zones[0]
    return reaching.reach(
        reaching.Touch(row.channel, row.at.astimezone(zone), row.is_inbound, row.is_right_party)
        for row in law.touches_of(about, before=clock.now)
    )


def zone_of(actor: Actor, case_id: int) -> ZoneInfo:
    """Return the clock of the person of a case: the likeliest when several are."""
    return law.zones_of(actor.organisation_id, case_id)[0]


def _answer(
    about: law.Matter, channel: str, verdict: Verdict, point: ContactPoint | None, language: str
) -> ChannelAnswer:
    said = (rule_text(about.policy, reason.rule_id, language) for reason in verdict.reasons)
    return ChannelAnswer(
        channel=channel,
        point_id=point.pk if point else None,
        to=point.value if point else "",
        label=point.label if point else "",
        is_allowed=verdict.allowed and point is not None,
        text=_words(verdict, about.zones[0], language) if point else "",
        reasons=tuple(reason_text(reason, language) for reason in verdict.reasons),
        next_at=verdict.next_allowed_at,
        closes_at=verdict.closes_at,
        laws=tuple(law for law in dict.fromkeys(said) if law),
    )


def _words(verdict: Verdict, zone: ZoneInfo, language: str) -> str:
    return verdict_text(verdict, zone=zone, language=language)


def outbox_counts(organisation_id: int) -> dict[str, int]:
    """Return how many orders there are in each state."""
    rows = Order.objects.of(organisation_id).values_list("state").annotate(Count("id"))
    return dict(rows)


def withheld_counts(organisation_id: int) -> dict[str, int]:
    """Return how many orders were withheld for each reason, the most frequent first."""
    rows = Order.objects.of(organisation_id).filter(state="withheld").order_by("reason").values_list("reason")
    return dict(sorted(rows.annotate(Count("id")), key=lambda pair: -pair[1]))


def orders(actor: Actor, *, state: str = "", cursor: str | None = None, limit: int = 50) -> Page[Order]:
    """Return a page of the outbox, newest first. Raises BadCursor."""
    rows = Order.objects.of(actor.organisation_id)
    rows = rows.filter(state=state) if state else rows
    return paged(rows, by="pk", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)


def orders_of_case(actor: Actor, case_id: int, *, limit: int = 50) -> list[Order]:
    """Return the newest orders of a case."""
    return list(Order.objects.of(actor.organisation_id).filter(case_id=case_id).order_by("-id")[:limit])


def order(actor: Actor, order_id: int) -> Order:
    """Return one order. Raises Order.DoesNotExist."""
    found: Order = Order.objects.of(actor.organisation_id).get(pk=order_id)
    return found


def mailbox(actor: Actor, *, channel: str = "", cursor: str | None = None, limit: int = 50) -> Page[Message]:
    """Return a page of the messages as they left, newest first, each with its order. Raises BadCursor."""
    rows = Message.objects.of(actor.organisation_id).select_related("order")
    rows = rows.filter(channel=channel) if channel else rows
    return paged(rows, by="pk", is_newest_first=True, cursor=cursor, limit=limit, made=lambda row: row)


@remembered
def messages_of_case(actor: Actor, case_id: int) -> list[Message]:
    """Return what left about a case, newest first, each message with its order; the text itself is read when asked for."""
    return _messages(actor.organisation_id, case_id)


@prepared
def _messages(organisation_id: int, case_id: int) -> Any:
    rows = Message.objects.of(organisation_id).filter(order__case_id=case_id)
    return rows.select_related("order").defer("text", "html").order_by("-pk")[:MOST_TOLD]


def sent_counts(actor: Actor, case_id: int) -> dict[str, int]:
    """Return how many messages left about a case, by channel, the most used first."""
    sent = Counter(sorted(row.channel for row in messages_of_case(actor, case_id) if row.sent_at))
    return dict(sent.most_common())


def message(actor: Actor, message_id: int) -> Message:
    """Return one message with its order. Raises Message.DoesNotExist."""
    found: Message = Message.objects.of(actor.organisation_id).select_related("order").get(pk=message_id)
    return found


def is_our_message(code: str) -> Message | None:
    """Return the message whose check code that is, across organisations: what «is this really you?» answers from."""
    plain = code.strip().lower()
    if len(plain) != 8 or not plain.isalnum():
        return None
    rows = Message.objects.across_organisations().filter(reference__startswith=plain)
    found: Message | None = rows.select_related("order").first()
    return found


def proofs(actor: Actor, case_id: int, *, limit: int = 50) -> list[GateProof]:
    """Return why the case was contacted or not, newest first."""
    return list(GateProof.objects.of(actor.organisation_id).filter(case_id=case_id).order_by("-id")[:limit])


def touches(actor: Actor, case_id: int) -> list[Touch]:
    """Return the attempts to reach the person about a case, newest first."""
    return _touches(actor.organisation_id, case_id)


@prepared
def _touches(organisation_id: int, case_id: int) -> Any:
    return Touch.objects.of(organisation_id).filter(case_id=case_id).order_by("-at")[:MOST_TOLD]


def templates(actor: Actor, *, is_published: bool | None = None) -> QuerySet[Template]:
    """Return the texts of the organisation by key, channel and language, the newest version first."""
    rows: QuerySet[Template] = Template.objects.of(actor.organisation_id).order_by(
        "key", "channel", "language", "treatment", "-version"
    )
    return rows if is_published is None else rows.filter(state="PUBLISHED")


def template(actor: Actor, template_id: int) -> Template:
    """Return one text. Raises Template.DoesNotExist."""
    found: Template = Template.objects.of(actor.organisation_id).get(pk=template_id)
    return found


def template_keys(organisation_id: int) -> frozenset[str]:
    """Return the keys that a strategy may name: those with a published text."""
    return frozenset(
        Template.objects.of(organisation_id)
        .filter(state="PUBLISHED")
        .exclude(channel__in=(SCRIPT, KEYPAD))
        .values_list("key", flat=True)
    )


def published_texts(organisation_id: int) -> frozenset[tuple[str, str]]:
    """Return (key, channel) of every published text."""
    rows = Template.objects.of(organisation_id).filter(state="PUBLISHED")
    return frozenset(rows.values_list("key", "channel"))


def claim_templates(actor: Actor, channel: str) -> list[tuple[str, str]]:
    """Return (key, name) of the texts that a person may send by hand on a channel."""
    rows = Template.objects.of(actor.organisation_id).filter(
        state="PUBLISHED", channel=channel, language="es"
    )
    named = {row.key: row.title for row in rows if purposes().get(row.key, "collection") == "collection"}
    return sorted(named.items(), key=lambda pair: (pair[0] != "statement", pair[1]))


def counts_by_channel(actor: Actor, *, since: datetime) -> dict[str, dict[str, int]]:
    """Return how many attempts ended in each state since an instant, by channel; only the newest are looked at."""
    rows = Attempt.objects.of(actor.organisation_id)
    newest = rows.aggregate(last=Max("pk"))["last"] or 0
    recent = rows.filter(pk__gt=newest - MOST_TOLD, at__gte=since).values_list("order_id", "state")
    states = list(recent)
    channel_of = dict(
        Order.objects.of(actor.organisation_id)
        .filter(pk__in={pk for pk, _state in states})
        .values_list("pk", "channel")
    )
    found: dict[str, dict[str, int]] = {}
    for (channel, state), count in Counter((channel_of.get(pk, ""), state) for pk, state in states).items():
        found.setdefault(channel, {})[state] = count
    return found


def channels(actor: Actor) -> QuerySet[ChannelSetting]:
    """Return how each channel leaves."""
    rows: QuerySet[ChannelSetting] = ChannelSetting.objects.of(actor.organisation_id).order_by("channel")
    return rows


@dataclass(frozen=True)
class SenderLine:
    """Who signs for a creditor. `name` and `address` are its own, empty when `usual` does."""

    creditor_id: int
    creditor: str
    name: str
    address: str
    usual: str


@dataclass(frozen=True)
class MailSetup:
    """How e-mail leaves: the server (None without any), who signs, and whether it is on."""

    server: mail_server.ServerView | None
    senders: tuple[SenderLine, ...]
    is_live: bool
    is_paused: bool
    signing: tuple[mail_server.SigningView, ...]


def mail_setup(actor: Actor) -> MailSetup:
    """Return how the e-mail of the organisation leaves."""
    setting = mail_server.setting_of(actor.organisation_id, "email")
    own = setting.config.get("senders", {}) if setting else {}
    lines = []
    for row in ledger.creditors(actor):
        name, address = parseaddr(own.get(str(row.pk), ""))
        lines.append(SenderLine(row.pk, row.name, name, address, mail_server.sender_of(setting, row)))
    return MailSetup(
        mail_server.server_of(setting), tuple(lines), bool(setting and setting.is_live), bool(setting and setting.is_paused),
        tuple(mail_server.signing_of(actor)),
    )  # fmt: skip


def missing_for_mail(actor: Actor) -> list[str]:
    """Return what e-mail lacks before it may be switched on, in words; empty when it may."""
    return mail_server.missing_for_mail(actor)


def staff_mails(actor: Actor, *, limit: int = 50) -> list[StaffMail]:
    """Return the mails written to the staff, newest first."""
    return list(StaffMail.objects.of(actor.organisation_id).order_by("-id")[:limit])


def staff_mail(actor: Actor, mail_id: int) -> StaffMail:
    """Return one mail written to the staff. Raises StaffMail.DoesNotExist."""
    found: StaffMail = StaffMail.objects.of(actor.organisation_id).get(pk=mail_id)
    return found


def attached(actor: Actor, message_id: int) -> Sequence[dict[str, Any]]:
    """Return the files that went with a message: file_id, name, size, content_type."""
    return list(message(actor, message_id).attachments)


def creditor_of_message(found: Message) -> str:
    """Return the name of the creditor that a message spoke for."""
    return str(ledger.creditor(system(found.organisation_id), found.order.creditor_id).name)


def has_webhook(organisation_id: int) -> bool:
    """Return whether the organisation has said where its systems are told, and has it on."""
    return bool(WebhookEndpoint.objects.of(organisation_id).filter(is_on=True).exists())


def webhook(actor: Actor) -> WebhookEndpoint | None:
    """Return where the organisation's systems are told."""
    row: WebhookEndpoint | None = WebhookEndpoint.objects.of(actor.organisation_id).first()
    return row


def webhook_calls(actor: Actor, *, limit: int = 50) -> list[WebhookCall]:
    """Return what was told lately, newest first."""
    return list(WebhookCall.objects.of(actor.organisation_id).order_by("-id")[:limit])
