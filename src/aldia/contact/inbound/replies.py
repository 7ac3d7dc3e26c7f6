"""What a person wrote in a mail, without the message that they answer."""

import re
from email.message import Message
from typing import Final

from aldia.contact.inbound.html_text import text_of
from aldia.contact.inbound.mails import ADDRESS, decoded, own_parts

_RULE: Final = r"[-_*=]{2,}"
_ORIGINAL: Final = re.compile(
    rf"^\W*(?:{_RULE} *)?(?:original message|mensaje original|mensagem original|message d'origine|urspr[uü]ngliche nachricht"
    rf"|messaggio originale|forwarded message|mensaje reenviado|mensagem encaminhada|исходное сообщение)\W*(?:{_RULE})?\s*$",
    re.IGNORECASE,
)  # fmt: skip
_KEY: Final = re.compile(
    r"^[ *>]*(?:from|sent|date|to|cc|subject|de|enviado(?: el| em)?|fecha|para|asunto|assunto|data|von|gesendet|an|betreff"
    r"|envoyé|objet|à|da|inviato|a|oggetto|от|отправлено|кому|тема|дата)\s*\*?\s*:", re.IGNORECASE
)  # fmt: skip
_SENDER_KEY: Final = re.compile(r"^[ *>]*(?:from|de|von|da|от)\s*\*?\s*:", re.IGNORECASE)
_WORDS: Final = r"(?:wrote|writes|escribi[oó]|escreveu|a écrit|schrieb|ha scritto|написал\w*|пишет|skrev|schreef|napisał\w*|napsal\w*)"
_WROTE: Final = re.compile(rf"{_WORDS}[^\n]{{0,80}}:?\s*$", re.IGNORECASE)
_RULED: Final = re.compile(
    rf"^\s*-{{2,}}[^\n]{{1,200}}\b{_WORDS}\W*-{{2,}}\s*$", re.IGNORECASE
)  # ---- Ana escribió ----
_DATED: Final = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}/\d{1,2}/\d{2,4}")
_BEGINS: Final = re.compile(r"^\s*(?:on|el|em|le|am|il|den|op|no dia|a las?)\s+\S", re.IGNORECASE)
_MOST_LINES_OF_A_HEADER: Final = 4
_LONGEST: Final = 20_000


def reply_of(message: Message) -> str:
    """Return what the person wrote in this mail, from its text part or else from its HTML; empty when there is nothing."""
    leaves = [part for part in own_parts(message) if part.get_content_disposition() != "attachment"]
    plain = "\n".join(decoded(part) for part in leaves if part.get_content_type() == "text/plain")
    if plain.strip():
        return written(plain)
    return written(
        "\n".join(text_of(decoded(part)) for part in leaves if part.get_content_type() == "text/html")
    )


def reply_in_html(html: str) -> str:
    """Return what the person wrote in an HTML body."""
    return written(text_of(html))


def written(text: str) -> str:
    """Return the lines that are the person's own: before what they answer, or after it where they wrote below."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")[:_LONGEST].replace("\u200e", "").split("\n")
    begin, end = _quoted_from(lines)
    above = _own(lines[:begin])
    return above or _own(lines[end:])


def _own(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines if not line.lstrip().startswith(">")).strip()


def _quoted_from(lines: list[str]) -> tuple[int, int]:
    """Where the quoted message begins, and where its heading ends; the end of the text without one."""
    for at, line in enumerate(lines):
        if _ORIGINAL.match(line) or _RULED.match(line):
            return at, at + 1
        if line.lstrip().startswith(">"):
            return at, at
        heading = _heading(lines, at)
        if heading:
            return at, at + heading
    return len(lines), len(lines)


def _heading(lines: list[str], at: int) -> int:
    """How many lines from here are the heading of a quoted message: `On … wrote:`, or a block of From, Sent, To; else 0."""
    if not lines[at].strip():
        return 0
    block = _block_of_headers(lines, at)
    if block:
        return block
    if not (_DATED.search(lines[at]) or ADDRESS.search(lines[at]) or _BEGINS.match(lines[at])):
        return 0
    for many in range(1, _MOST_LINES_OF_A_HEADER + 1):
        joined = " ".join(line.strip() for line in lines[at : at + many])
        if not lines[at : at + many][-1].strip():
            return 0
        if _WROTE.search(joined) and (_DATED.search(joined) or ADDRESS.search(joined)):
            return many
        if joined.endswith(":") and _DATED.search(joined) and ADDRESS.search(joined):
            return many
    return 0


def _block_of_headers(lines: list[str], at: int) -> int:
    """A block of at least three headers, one of them the sender, perhaps under a rule."""
    keys = 0
    has_sender = False
    for number, line in enumerate(lines[at:], start=0):
        if number == 0 and re.fullmatch(rf"\s*{_RULE}\s*", line):
            continue
        if not _KEY.match(line):
            return number if keys >= 3 and has_sender else 0
        keys += 1
        has_sender = has_sender or bool(_SENDER_KEY.match(line))
    return len(lines) - at if keys >= 3 and has_sender else 0
