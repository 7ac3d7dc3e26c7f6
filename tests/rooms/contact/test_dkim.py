"""A domain signs its mail: whoever reads its record in DNS can prove that nobody changed it on the way."""

import base64
import hashlib
import re
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from aldia.access.models import AuditEvent
from aldia.contact import mail_server, services
from aldia.contact.providers.protocol import Outgoing
from aldia.contact.providers.smtp.dkim import new_key, record_of, relaxed_body, signer
from aldia.contact.providers.smtp.mime import mime_of
from aldia.contact.providers.smtp.sender import Smtp
from tests.rooms.contact.conftest import NOON, Post

NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def key() -> str:
    return new_key()


def _mail(sender: str = "Cobros <cobros@sur.example>") -> bytes:
    message = Outgoing(
        "4f1c", "email", "quien@elarbol.example", sender, "Tu saldo: atención", "Hola:\n\n  dos   espacios \n.\n", html="<p>Hola</p>",
        headers={"List-Unsubscribe": "<https://cobros.sur.example/p/abc/baja/>"}, returns_to="cobros+4f1c@sur.example",
    )  # fmt: skip
    return mime_of(message, now=NOW)


def _is_true(mail: bytes, record: str) -> bool:
    """Verify as the RFC tells a receiver, from the tags of the message alone; written apart from what signs."""
    head, body = mail.split(b"\r\n\r\n", 1)
    fields = re.split(rb"\r\n(?![ \t])", head)
    tags = {
        part.split("=", 1)[0].strip(): re.sub(r"\s", "", part.split("=", 1)[1])
        for part in fields[0].decode().split(":", 1)[1].split(";")
    }
    text = re.sub(rb"[ \t]+", b" ", body)
    text = re.sub(rb" \r\n", b"\r\n", text)
    text = re.sub(rb"(\r\n)*$", b"\r\n", text, count=1)
    if base64.b64encode(hashlib.sha256(text).digest()).decode() != tags["bh"]:
        return False
    left, told = fields[1:], b""
    for name in tags["h"].split(":"):
        at = next(
            (n for n in reversed(range(len(left))) if left[n].lower().startswith(name.encode() + b":")), None
        )
        if at is not None:
            told += _relaxed(left.pop(at)) + b"\r\n"
    told += _relaxed(re.sub(rb"(\Wb=)[^;]*$", rb"\1", fields[0], flags=re.S))
    public = serialization.load_der_public_key(base64.b64decode(record.split("p=")[1]))
    assert isinstance(public, rsa.RSAPublicKey)
    try:
        public.verify(base64.b64decode(tags["b"]), told, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _relaxed(field: bytes) -> bytes:
    name, value = re.sub(rb"\r\n", b"", field).split(b":", 1)
    return name.lower() + b":" + b" ".join(value.split())


def test_the_body_is_read_as_the_standard_reads_it() -> None:
    """The hash is the one that RFC 8463, appendix A.3, prints for this body."""
    body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
    digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest())
    assert digest == b"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="


def test_who_reads_the_record_can_prove_the_mail(key: str) -> None:
    signed = signer("sur.example", "aldia1", key).signed(_mail(), now=NOW)
    assert _is_true(signed, record_of(key))
    assert b"s=aldia1;" in signed and b"d=sur.example;" in signed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"dos", b"tres"),
        (b"To: quien@", b"To: otro@"),
        (b"\r\nFrom:", b"\r\nFrom: otro@sur.example\r\nFrom:"),
    ],
)
def test_a_mail_that_was_changed_proves_nothing(key: str, before: bytes, after: bytes) -> None:
    signed = signer("sur.example", "aldia1", key).signed(_mail(), now=NOW)
    assert before in signed
    assert not _is_true(signed.replace(before, after, 1), record_of(key))


def test_spaces_that_a_server_changes_on_the_way_do_not_matter(key: str) -> None:
    signed = signer("sur.example", "aldia1", key).signed(_mail(), now=NOW)
    assert _is_true(signed.replace(b"To: ", b"to:   ", 1) + b"\r\n\r\n", record_of(key))


@pytest.mark.django_db
def test_a_domain_signs_once_its_key_is_published_and_nobody_reads_the_key(post: Post) -> None:
    services.make_signing_key(actor=post.actor, domain="sur.example", now=NOON)
    [view] = mail_server.signing_of(post.actor)
    assert (view.record_name, view.is_on) == ("aldia20260303._domainkey.sur.example", False)
    setting = mail_server.setting_of(post.organisation.pk, "email")
    assert setting is not None and "PRIVATE KEY" not in str(setting.config)
    assert mail_server.open_config(setting)["dkim"] == {}
    services.switch_signing(actor=post.actor, domain="sur.example", is_on=True, now=NOON)
    setting = mail_server.setting_of(post.organisation.pk, "email")
    assert setting is not None
    carrier = Smtp(mail_server.open_config(setting))
    message = Outgoing("1", "email", "a@b.example", "Sur <cobros@sur.example>", "x", "y")
    assert _is_true(carrier._signed(_mail(), message, NOW), view.record)
    other = Outgoing("1", "email", "a@b.example", "Norte <cobros@norte.example>", "x", "y")
    unsigned = _mail("Norte <cobros@norte.example>")
    assert carrier._signed(unsigned, other, NOW) == unsigned
    verbs = AuditEvent.objects.of(post.organisation).values_list("verb", flat=True)
    assert {"contact.dkim.key", "contact.dkim.on"} <= set(verbs)


@pytest.mark.django_db
def test_a_domain_that_nobody_writes_from_gets_no_key(post: Post) -> None:
    with pytest.raises(services.SigningRefused):
        services.make_signing_key(actor=post.actor, domain="norte.example", now=NOON)
    with pytest.raises(services.SigningRefused):
        services.switch_signing(actor=post.actor, domain="sur.example", is_on=True, now=NOON)


@pytest.mark.django_db
def test_another_key_of_the_same_day_has_another_name(post: Post) -> None:
    for _each in range(2):
        services.make_signing_key(actor=post.actor, domain="sur.example", now=NOON)
    assert mail_server.signing_of(post.actor)[0].record_name == "aldia20260303b._domainkey.sur.example"
