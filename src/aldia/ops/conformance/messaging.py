"""What comes back from people and their machines: bounces, replies, receipts, callbacks, webhooks, against their reference."""

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from aldia.contact.inbound import bounces, mails, reasons, replies, whatsapp
from aldia.contact.inbound.bounces import Failure, Reading
from aldia.contact.inbound.delivery_status import complaint, stated
from aldia.contact.inbound.gateways import READERS
from aldia.contact.inbound.receipts import read_receipt
from aldia.contact.providers.protocol import Call, CallRefused, Parsed
from aldia.ops.conformance.checks import Case, Checks, Comparison, Found

# The reference's reasons, by what they mean for us; the others only say that this mail did not arrive.
_SAME = {"mailboxfull": {reasons.FULL}, "delivered": {reasons.DELIVERED}}
_DEAD = {"userunknown", "hostunknown", "hasmoved", "notaccept"}
_PERHAPS_DEAD = {"filtered"}  # the reference says so itself: a checker may take it for a dead address
_OWN_NUMBER = {
    "plivo": "2020"
}  # of the channel in the origin's tests: a callback for another number is refused
_GROUPS = {"errored": "failed", "wired": "sent"}
_PSEUDO_WHY = _("El correo no dice ningún código; el de la referencia es inventado.")
_FIELDS_WHY = _(
    "La parte legible por máquina dice los códigos que leemos; los de la referencia no están en ella."
)
_FAILED_WHY = _(
    "El parte dice «failed» en su parte legible por máquina; la referencia la copia y no espera ningún fallo."
)
_RECEIPT_FIELDS = ("id", "sub", "dlvrd", "submit_date", "done_date", "stat", "err", "text")
_CHARSET_WHY = _("El byte ED es «í» en el juego que nombra el mensaje; la referencia escribió «ý».")


def mail(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """A bounce, a complaint or an automatic answer."""
    message = mails.opened(path.read_bytes())
    machine = [
        {"final": each.final, "original": each.original, "action": each.action, "status": each.status}
        for each in stated(message)
    ]
    checks.same("dsn_recipients", case["dsn_recipients"], machine)
    if "feedback" in case:
        told = complaint(message)
        first = told.recipients[0] if told and told.recipients else None
        checks.same("feedback", case["feedback"], {"type": told.kind if told else None, "recipient": first})
    _meaning(checks, case, bounces.read(message))


def _meaning(checks: Checks, case: Case, reading: Reading) -> None:
    expected = case.get("bounces")
    if expected is None:
        checks.same("class", case["class"], _class_of(case["class"], reading))
    elif [each["reason"] for each in expected[:1]] == ["feedback"]:
        checks.same("kind", "complaint", reading.kind)
    elif [each["reason"] for each in expected[:1]] == ["vacation"]:
        checks.same("kind", "auto_reply", reading.kind)
    elif not expected and "failed" in {each["action"] for each in case["dsn_recipients"]}:
        checks.same("bounces", 0, len(reading.failures), str(_FAILED_WHY))
    elif checks.count("bounces", len(expected), reading.failures):
        in_fields = {each["status"] for each in case["dsn_recipients"]}
        for at, (row, failure) in enumerate(zip(expected, reading.failures, strict=True)):
            _recipient(checks, f"bounces[{at}]", row, failure, in_fields)


def _recipient(checks: Checks, where: str, row: Case, failure: Failure, in_fields: set[str]) -> None:
    if row["reason"] not in _PERHAPS_DEAD:
        checks.same(f"{where}.hard_bounce", row["hard_bounce"], failure.is_hard)
    if row["reason"] in _SAME or failure.reason in {reasons.FULL, reasons.DELIVERED}:
        checks.same(f"{where}.reason", row["reason"], _reason_of(failure))
    is_stated = failure.status in in_fields - {row["status"], "4.0.0", "5.0.0"}
    why = str(_FIELDS_WHY) if is_stated and ".0.9" not in row["status"] else None
    if row["reply"]:
        checks.same(f"{where}.reply", row["reply"], failure.reply, why)
    if ".0.9" not in row["status"]:
        checks.same(f"{where}.status", row["status"], failure.status, why)
    elif failure.status not in in_fields and row["status"][0] != failure.status[0]:
        checks.add(f"{where}.status", row["status"], failure.status, str(_PSEUDO_WHY))


def _reason_of(failure: Failure) -> str:
    return next((name for name, ours in _SAME.items() if failure.reason in ours), failure.reason)


def _class_of(expected: str, reading: Reading) -> str:
    """The words of the reference that are true of our reading."""
    failure = reading.failures[0] if reading.failures else None
    true_words = {
        "complaint": reading.kind == "complaint",
        "delay notice, not final": failure is not None and failure.status.startswith("4."),
        "soft or full mailbox": failure is not None and failure.reason == reasons.FULL,
        "dead domain": failure is not None and failure.reason in {reasons.UNKNOWN_HOST, reasons.NO_MAIL},
    }
    return (
        expected
        if true_words.get(expected)
        else f"{reading.kind} {failure.reason if failure else ''}".strip()
    )


def reply(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """What the person wrote, every blank removed as the reference asks."""
    raw = path.read_bytes()
    is_html = case["kind"].endswith("HTML body")
    ours = (
        replies.reply_in_html(raw.decode(errors="replace"))
        if is_html
        else replies.reply_of(mails.opened(raw))
    )
    checks.same("reply_text", "".join(case["reply_text"].split()), "".join(ours.split()))


def receipts(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """SMPP delivery receipts."""
    texts = {each["case"]: each["receipt"] for each in json.loads(path.read_text(encoding="utf-8"))}
    checks.same("count", case["count"], len(texts))
    for row in case["receipts"]:
        ours = read_receipt(texts[row["case"]])
        for name in _RECEIPT_FIELDS:
            checks.same(f"{row['case']}.{name}", row[name], getattr(ours, name) if ours else None)


def callback(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """A gateway's callback: refused, or what it brought."""
    parsed = _parsed(json.loads(path.read_text(encoding="utf-8")))
    if case["http_status"] != 200:
        checks.same("is_accepted", False, parsed is not None)
        return
    if parsed is None:
        checks.add("is_accepted", True, False)
        return
    message = parsed.messages[0] if parsed.messages else None
    text = message.text if message else None
    is_other_letter = (text or "").replace("í", "ý") == case["message_text"]
    checks.same("message_text", case["message_text"], text, str(_CHARSET_WHY) if is_other_letter else None)
    if case["sender"]:  # its scheme is the kind of channel that was set up, which no callback tells
        checks.same(
            "sender", case["sender"].partition(":")[2].lstrip("+"), message.sender if message else None
        )
    if message:
        checks.stated("external_id", case["external_id"], message.event_id.partition(":")[2])
    ours = [
        {"external_id": None if each["uuid"] else event.provider_reference, "uuid": event.reference or None, "status": event.kind}
        for each, event in zip(case["statuses"], parsed.events, strict=False)
    ]  # fmt: skip
    expected = [{**each, "status": _GROUPS.get(each["status"], each["status"])} for each in case["statuses"]]
    checks.same("statuses", expected, ours if len(ours) == len(parsed.events) else len(parsed.events))


def voice(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """The end of a telephone call."""
    parsed = _parsed(json.loads(path.read_text(encoding="utf-8")))
    event = parsed.events[0] if parsed and parsed.events else None
    checks.same("call_id", case["call_id"], event.provider_reference if event else None)
    told = event.detail.split() if event else []
    checks.same("status", case["status"], told[0] if told else None)
    checks.same("duration_s", case["duration_s"], int(told[1]) if told[1:] else None)


def _parsed(told: dict[str, Any]) -> Parsed | None:
    gateway = told["gateway"].partition("_")[0]
    call = Call(f"https://aldia.example{told['path']}", (told["body"] or "").encode())
    try:
        return READERS[gateway](call, _OWN_NUMBER.get(gateway, ""))
    except CallRefused:
        return None


def webhook(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """A body of WhatsApp's Cloud API, change by change."""
    ours = [
        {
            "field": each.field, "waba_id": each.waba_id, "phone_number_id": each.phone_number_id, "event": each.event,
            **each.facts,
        }
        for each in whatsapp.changes(path.read_bytes())
    ]  # fmt: skip
    if checks.count("events", case["events"], ours):
        for at, (expected, found_one) in enumerate(zip(case["list"], ours, strict=True)):
            checks.same(f"list[{at}]", expected, found_one)


KINDS: dict[str, Comparison] = {
    "mail": mail,
    "reply, HTML body": reply,
    "reply, text part": reply,
    "smpp receipts": receipts,
    "sms callback": callback,
    "voice callback": voice,
    "whatsapp": webhook,
}
