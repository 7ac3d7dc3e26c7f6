"""One mail that came back: a bounce with the fate of each recipient, a complaint, an automatic answer, or a person's."""

import re
from dataclasses import dataclass, replace
from email.message import Message
from email.utils import parseaddr
from typing import Final

from aldia.contact.inbound import reasons
from aldia.contact.inbound.delivery_status import Recipient, complaint, recovered, stated
from aldia.contact.inbound.mails import ADDRESS, after_postmark, carried, header, own_text, report_text
from aldia.contact.inbound.ses import Notice, notice
from aldia.contact.inbound.told import Told, told

_ENHANCED: Final = re.compile(r"(?<![\d.])([45]\.\d{1,2}\.\d{1,3})(?![\d.]\d|\d)")
_REPLY: Final = re.compile(
    r"(?<![\d.\-/])(?<!\d:)(4[235]\d|5(?:[015]\d|2[1345]|3[0458]))(?=[ \-:;,)]|$)", re.MULTILINE
)
_TAKEN: Final = re.compile(r"(?:smtp; ?)?(2\d\d) (?:(2\.\d\.\d+) )?")
_INNER: Final = re.compile(
    r"<([45]\d\d \d\.\d\.\d+ [^<>]*)>|^\d{3} <[^>]*>\.\.\. ?([45]\d\d[ -].*)", re.MULTILINE
)
_NOT_FINAL: Final = re.compile(
    r"warning message only|will (?:be retried|continue to try|keep trying)|temporary failure report|has been delayed"
    r"|do not need to re-?send|still trying", re.IGNORECASE
)  # fmt: skip
_DAEMON: Final = re.compile(
    r"mailer-?daemon|post_?master|mail deliver|mail-daemon|delivery subsystem|mail system|mailer daemon|mdaemon", re.IGNORECASE
)  # fmt: skip
_PERHAPS_DAEMON: Final = re.compile(r"bounce|administrator|exchange|deliver|no-?reply", re.IGNORECASE)
_RETURNED: Final = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|notif|has failed|problem|report)|failure notice|mail (?:delivery )?fail"
    r"|non ?remis|could not be delivered|not deliver|delivery (?:error|unsuccessful)|mail delivery|message (?:you sent )?(?:blocked|delayed|status)"
    r"|no (?:se pudo entregar|entregad)|n[ãa]o entregue|devuelto|devolvid|メールエラー|returned|bounced?\b", re.IGNORECASE
)  # fmt: skip
_AWAY: Final = re.compile(
    r"^(?:(?:re|rv|aw): *)?\[?(?:out of (?:the )?office|ooo\b|auto(?:mati(?:c|sche))?[- ]?(?:reply|response|responder|antwort)|auto:|vacation"
    r"|away from|i am away|on (?:annual )?leave|fuera de (?:la )?oficina|fora do escrit[óo]rio"
    r"|(?:respuesta|resposta|risposta) autom(?:[aá]tica|atizada)|(?:mensaje|mensagem) autom[aá]tic[oa]:"
    r"|r[ée]ponse automatique|absence du bureau|ausente|aus[eê]ncia"
    r"|(?:estoy )?de (?:vacaciones|licencia hasta)|(?:estou )?de f[ée]rias|f[ée]rias\b|abwesen)",
    re.IGNORECASE,
)  # fmt: skip
_CLOSED: Final = re.compile(
    r"(?:account|mailbox)s? (?:is|are|has been|have been) (?:disabled|suspended)", re.IGNORECASE
)
_SESSION: Final = re.compile(r"^<<< [45]\d\d[ -]", re.MULTILINE)  # what the other server answered
_LIST: Final = re.compile(
    r"not (?:a )?(?:member|subscribe[dr]|allowed to post)|rejected posting|reject mail from|security alert|loop alert"
    r"|fml system error|no (?:est[aá]s|eres) (?:suscri\w+|miembro)", re.IGNORECASE
)  # fmt: skip
_OPT_OUT: Final = re.compile(r"^(?:unsubscribe|opt-?out|list-unsubscribe|baja|remove)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Failure:
    """One recipient that a report names: its address, codes as far as they are stated, and why."""

    address: str
    status: str
    reply: str | None
    reason: str
    words: str
    is_final: bool = True  # a notice of delay is none: the server goes on trying

    @property
    def is_hard(self) -> bool:
        """Whether nobody should write there again."""
        return reasons.is_hard(self.reason, self.status)


@dataclass(frozen=True)
class Reading:
    """What a mail is: `bounce`, `complaint`, `auto_reply` or `person`; of a bounce, every recipient that it names."""

    kind: str
    failures: tuple[Failure, ...] = ()
    complaint_kind: str = ""
    recipients: tuple[str, ...] = ()  # of a complaint


def read(message: Message) -> Reading:
    """Return what a mail is and what it reports. Never raises: a mail that reports nothing is a person's."""
    found = _read_one(message)
    if found.kind != "bounce":
        return found
    if all(each.reason == reasons.UNDEFINED for each in found.failures):
        return _read_inside(message) or found
    following = after_postmark(message.epilogue or "")
    more = _read_one(following).failures if following is not None else ()
    return replace(found, failures=found.failures + more)


def _read_inside(message: Message) -> Reading | None:
    """A report that says nothing may wrap the one that does: as its own text, or as the message that it gives back."""
    forwarded = after_postmark(own_text(message))
    if forwarded is not None and (within := _read_one(forwarded)).failures:
        return within
    returned = carried(message)
    if returned is None or not _SESSION.search(own_text(returned)):
        return None
    named = told(message, report_text(message))
    return Reading(
        "bounce", failures=tuple(_from_words(Told(each.address, ""), own_text(returned)) for each in named)
    )


def _read_one(message: Message) -> Reading:
    spam = complaint(message)
    if spam is not None:
        return Reading(
            "complaint", complaint_kind=spam.kind, recipients=spam.recipients or _written_to(message)
        )
    if _is_other_complaint(message):
        return Reading("complaint", complaint_kind="abuse", recipients=_written_to(message))
    amazon = notice(report_text(message))
    if amazon is not None:
        return _of_notice(amazon)
    machine = max(stated(message), recovered(message), key=len)
    if machine or _is_report(message):
        return Reading("bounce", failures=_failures(message, machine))
    if _is_automatic(message):
        return Reading("auto_reply")
    return Reading("person")


def _of_notice(amazon: Notice) -> Reading:
    if amazon.kind == "complaint":
        return Reading(
            "complaint",
            complaint_kind=amazon.complaint_kind,
            recipients=tuple(each[0] for each in amazon.recipients),
        )
    failures = [
        _from_fields(Recipient(address, None, action, status or None, words), {}, words)
        for address, words, status, action in amazon.recipients
    ]
    return Reading("bounce", failures=tuple(failures))


def _failures(message: Message, machine: tuple[Recipient, ...]) -> tuple[Failure, ...]:
    text = report_text(message)
    named = told(message, text)
    if not machine:
        return tuple(_from_words(each, text) for each in named or (Told("", text),))
    said = {each.address.lower(): each for each in named}
    found = tuple(_from_fields(each, said, text) for each in machine)
    if len(found) == 1 and found[0].reason == reasons.UNKNOWN_USER and _CLOSED.search(text):
        return (replace(found[0], reason=reasons.SUSPENDED),)  # it is there, and closed for now
    return found


def _from_words(each: Told, text: str) -> Failure:
    """What stands beside the address; where that says nothing, the whole report."""
    found = _explained(Failure(each.address, "", None, "", each.words), each.words, "")
    if found.reason == reasons.UNDEFINED:
        found = _explained(replace(found, status="", words=text), text, "")
    return _held(found) if _NOT_FINAL.search(text) else found


def _from_fields(each: Recipient, said: dict[str, Told], text: str) -> Failure:
    """The fields state the codes, the server's own answer more exactly; where both are silent, the words beside the address."""
    beside = said[each.address.lower()].words if each.address.lower() in said else text
    first = Failure(each.address, each.status or "", None, "", each.diagnostic or beside)
    action = each.action or ""
    found = _explained(first, each.diagnostic, action) if each.diagnostic else first
    if found.reason in {"", reasons.UNDEFINED}:
        found = _explained(first, beside, action)
    if found.reply is None:
        found = replace(found, reply=_codes(beside)[1])
    if found.status.endswith(".0.0") and _codes(beside)[0][:1] == found.status[0]:
        found = replace(found, status=_codes(beside)[0])
    return _held(found) if action == "delayed" or _NOT_FINAL.search(text) else found


def _held(failure: Failure) -> Failure:
    """The server goes on trying: where it states no code, that is a temporary one."""
    return replace(failure, is_final=False, status="4.0.0" if failure.status == "5.0.0" else failure.status)


def _explained(failure: Failure, words: str, action: str) -> Failure:
    """The failure with the codes of these words, unless its own are more exact, and the reason that they give."""
    own, reply = _codes(words)
    status = own if own and (_is_exact(own) or not _is_exact(failure.status)) else failure.status
    reason = reasons.reason_of(ADDRESS.sub("", words), status, action)
    if not status:
        status = "4.0.0" if (reply or "").startswith("4") else "5.0.0"
    return replace(failure, status=status, reply=failure.reply or reply, reason=reason)


def _is_exact(status: str) -> bool:
    return bool(status) and not status.endswith(".0")


def _codes(words: str) -> tuple[str, str | None]:
    """The enhanced status and the reply of a server's answer; one quoted inside another is the one that decided."""
    if taken := _TAKEN.match(words):
        return taken.group(2) or "", taken.group(1)
    inner = [one or other for one, other in _INNER.findall(words)]
    for said in (*inner, words):
        enhanced = _ENHANCED.findall(said)
        replies = _REPLY.findall(said)
        if enhanced or replies:
            exact = [each for each in enhanced if _is_exact(each)]
            return (exact or enhanced or [""])[0], (replies or [None])[0]
    return "", None


def _is_report(message: Message) -> bool:
    if message.get_content_type() == "multipart/report" and not _is_read_receipt(message):
        return True
    sender, subject = header(message, "From"), header(message, "Subject")
    if message.get("X-Failed-Recipients"):
        return True
    if any(
        message.get(name) for name in ("X-MLServer", "X-ML-Info", "List-Id", "Mailing-List")
    ) and _LIST.search(subject):
        return True  # the address is a list that takes no mail of ours
    is_daemon = bool(_DAEMON.search(sender)) or not parseaddr(sender)[1]
    if is_daemon:
        return bool(_RETURNED.search(subject)) or carried(message) is not None or not _AWAY.search(subject)
    # Anybody may write of a returned cheque: such a subject needs our message with it, or what a server answered.
    says_so = bool(_RETURNED.match(subject) or _PERHAPS_DAEMON.search(sender))
    return says_so and (
        carried(message) is not None or bool(_RETURNED.match(subject) and _names_a_failure(message))
    )


def _names_a_failure(message: Message) -> bool:
    """Whether its words name an address and say why it was not reached."""
    text = report_text(message)
    return any(_from_words(each, text).reason != reasons.UNDEFINED for each in told(message, text))


def _is_read_receipt(message: Message) -> bool:
    return message.get_param("report-type") == "disposition-notification"


def _is_automatic(message: Message) -> bool:
    submitted = header(message, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if any(
        message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Autogenerated", "X-Mail-Autoreply")
    ):
        return True
    if _is_read_receipt(message):
        return True
    precedence = header(message, "Precedence").lower()
    return precedence in {"auto_reply", "vacation"} or bool(_AWAY.search(header(message, "Subject")))


def _is_other_complaint(message: Message) -> bool:
    """Hotmail's way of telling, and a mail program's own «unsubscribe»: the address wants nothing more from us."""
    subject = header(message, "Subject").strip()
    if re.match(r"complaint about message from", subject, re.IGNORECASE):
        return True
    return bool(_OPT_OUT.match(subject)) and _is_automatic(message)


def _written_to(message: Message) -> tuple[str, ...]:
    original = carried(message)
    for name, source in (("To", original), ("X-HmXmrOriginalRecipient", message), ("From", message)):
        address = parseaddr(header(source, name))[1] if source is not None else ""
        if "@" in address and not (name == "From" and original is not None):
            return (address,)
    return ()
