"""A message written straight reads as the one that a mail library would have built."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.contact.providers.protocol import Attachment, Outgoing
from aldia.contact.providers.smtp.mime import mime_of

NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)
WORDS = st.text(st.sampled_from("aZ ñ€😀=?_.:;,<>\"'()"), max_size=120)
LINES = st.text(st.sampled_from("aZ ñ€😀=.\n-"), max_size=300)


def _written(**changes: object) -> Outgoing:
    told = {
        "reference": "00ff00ff00ff00ff", "channel": "email", "recipient": "marta@casa.example",
        "sender": '"Cobros, Ñandú & Cía." <cobros@sur.example>', "subject": "Aviso", "text": "Hola", **changes,
    }  # fmt: skip
    return Outgoing(**told)  # type: ignore[arg-type]


@settings(max_examples=80, deadline=None)
@given(subject=WORDS, text=LINES, html=LINES, content=st.binary(max_size=200), name=WORDS)
def test_whatever_is_written_is_read_again(
    subject: str, text: str, html: str, content: bytes, name: str
) -> None:
    files = (Attachment(name or "a.pdf", "application/pdf", content),)
    raw = mime_of(_written(subject=subject, text=text, html=html, attachments=files), now=NOW)
    assert max(map(len, raw.split(b"\r\n"))) <= 998 and b"\n" not in raw.replace(b"\r\n", b"")
    mail = message_from_bytes(raw, policy=policy.default)
    assert " ".join((mail["Subject"] or "").split()) == " ".join(subject.split())
    assert mail["From"].addresses[0].display_name == "Cobros, Ñandú & Cía."
    plain = mail.get_body(("plain",))
    assert plain is not None and plain.get_content().splitlines() == (text.splitlines() or [""])
    (part,) = mail.iter_attachments()
    assert part.get_content() == content and not mail.defects and not part.defects


@pytest.mark.parametrize(
    "wrong",
    [{"subject": "a\nBcc: x@y.example"}, {"recipient": "a@b.example\r\nBcc: x@y.example"}, {"recipient": "nadie"},
     {"recipient": "a@b.example,c@d.example"}, {"headers": {"X": "a\r\nb"}}, {"returns_to": "a\nb"}],
)  # fmt: skip
def test_a_line_break_or_a_second_address_never_leaves(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"address|line break"):
        mime_of(_written(**wrong), now=NOW)
