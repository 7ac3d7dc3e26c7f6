"""The evidence of a person: whole, signed, and checked by a script that knows nothing of us; one byte changed is named."""

import io
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aldia.access import audit
from aldia.access.actors import member
from aldia.access.models import AuditEvent
from aldia.access.permissions import NotAllowed
from aldia.chat.models import Conversation, Exchange
from aldia.contact import services as contact
from aldia.contact.calls.models import PhoneCall, Recording
from aldia.contact.inbound.models import InboundFile, Reply
from aldia.kpi import evidence
from aldia.kpi.evidence import verify_evidence
from aldia.kpi.evidence.packing import SCRIPT, NobodyThere, Pack
from aldia.parties import services as parties
from aldia.payments import services as payments
from tests.rooms.contact.conftest import NOON, Post, make_post
from tests.waiting import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(db: None) -> Post:
    """One person with a notice that left, one that was withheld, a consent, an answer."""
    post = make_post()
    post.order()
    post.send()
    post.order(channel="sms")
    post.send()
    parties.record_consent(
        actor=post.actor, party_id=post.party_id, creditor_id=None, channel="email", is_granted=True, evidence="desk", now=NOON
    )  # fmt: skip
    Reply.objects.create(
        organisation=post.organisation, event_id="r1", arrival_id=1, channel="email", sender="x@x.example", text="Otra carta igual",
        case_id=post.case_id, received_at=NOON,
    )  # fmt: skip
    return post


def _pack(post: Post) -> Pack:
    return evidence.pack_of_person(actor=post.actor, party_id=post.party_id, clock=post.clock)


def _with(content: bytes, path: Path, changes: dict[str, bytes]) -> Path:
    """The pack written anew with some files changed; a file that was not there is added."""
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(path, "w") as after:
        files = {name: before.read(name) for name in before.namelist()} | changes
        for name, told in files.items():
            after.writestr(name, told)
    return path


@pytest.mark.covers("S3-5a")
def test_every_contact_made_and_withheld_is_there_with_its_proof(post: Post) -> None:
    gathered = evidence.gathering.gather(post.actor, post.party_id, clock=post.clock).sections
    made, withheld = gathered["notices"]
    assert (made["state"], withheld["state"], withheld["reason"]) == ("sent", "withheld", "no_contact_point")
    assert made["message"]["recipient"] == "pagos@elarbol.example"
    proof = made["proofs"][0]
    assert (
        proof["is_allowed"] and proof["rules_version"] and proof["local_time"].startswith("2026-03-03 12:00")
    )
    assert {name: len(gathered[name]) for name in ("consents", "replies", "touches", "cases")} == {
        "consents": 1, "replies": 1, "touches": 1, "cases": 1,
    }  # fmt: skip
    assert gathered["journal"]


@pytest.mark.covers("S3-5a")
def test_every_kind_of_contact_is_there_calls_with_who_heard_them_too(post: Post, tmp_path: Path) -> None:
    for channel in ("letter", "visit", "whatsapp", "call"):
        post.order(channel=channel)
    call = _recorded_call(post)
    reply = Reply.objects.of(post.organisation).get()
    InboundFile.objects.create(
        organisation=post.organisation, reply=reply, number=0, provider="whatsapp", media="1", told_kind="image/png",
        state="refused", reason="changed",
    )  # fmt: skip
    talk = Conversation.objects.create(
        organisation=post.organisation, case_id=post.case_id, party_id=post.party_id, opened_at=NOON
    )
    Exchange.objects.create(
        organisation=post.organisation, conversation=talk, reply_id=reply.pk, author="bot", channel="portal", said=["Hola"],
        acts=[], is_known=False, at=NOON,
    )  # fmt: skip
    payments.report_payment(
        actor=post.actor,
        case_id=post.case_id,
        draft=payments.ReportDraft(amount_minor=100, currency="ARS", paid_on=post.clock.as_of, means=""),
        clock=post.clock,
    )
    contact.make_link(
        organisation_id=post.organisation.pk,
        case_id=post.case_id,
        party_id=post.party_id,
        origin="user:1",
        now=NOON,
    )
    sections = evidence.gathering.gather(post.actor, post.party_id, clock=post.clock).sections
    assert {row["channel"] for row in sections["notices"]} >= {
        "email",
        "sms",
        "letter",
        "visit",
        "whatsapp",
        "call",
    }
    (told,) = sections["calls"]
    assert (told["order_id"], told["result"], told["seconds"]) == (call.order_id, "answered", 30)
    assert told["recording"]["sha256"] == "ab" * 32 and [each["actor"] for each in told["heard"]] == [
        post.actor.label
    ]
    assert sections["replies"][0]["files"][0]["reason"] == "changed" and sections["chat"][0]["said"] == [
        "Hola"
    ]
    assert len(sections["reported_payments"]) == 1 and sections["links"]
    path = tmp_path / "pack.zip"
    path.write_bytes(_pack(post).content)
    assert verify_evidence.problems(str(path), evidence.public_key(post.actor, now=NOON)) == []


def _recorded_call(post: Post) -> PhoneCall:
    """A call that somebody answered, was recorded, and was heard once."""
    call = PhoneCall.objects.create(
        organisation=post.organisation, order=post.order(channel="call"), case_id=post.case_id, portfolio_id=post.portfolio_id,
        reference="c1", number="+541155550100", is_sandbox=False, state="ended", result="answered", on=post.clock.as_of,
        asked_at=NOON, seconds=30,
    )  # fmt: skip
    Recording.objects.create(
        organisation=post.organisation, call=call, content_type="audio/wav", size=9, sha256="ab" * 32, kept_at=NOON,
        expires_on=post.clock.as_of,
    )  # fmt: skip
    audit.record(
        actor=post.actor,
        verb="contact.recording.play",
        object_type="call",
        object_id=call.pk,
        now=NOON,
        data={},
    )
    return call


def test_the_script_alone_finds_the_pack_whole_without_us(post: Post, tmp_path: Path) -> None:
    path, script = tmp_path / "pack.zip", tmp_path / "verify_evidence.py"
    path.write_bytes(_pack(post).content)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("evidence.pdf").startswith(b"%PDF")
        script.write_bytes(archive.read("verify_evidence.py"))
    key = evidence.public_key(post.actor, now=NOON)
    told = run([sys.executable, "-I", "-S", script, path, "--key", key])
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Entero y firmado por Cooperativa Sur" in told.stdout
    assert verify_evidence.problems(str(path), key.replace(key[0], "f" if key[0] != "f" else "0", 1))


def test_one_byte_changed_in_any_file_is_found_and_named(post: Post, tmp_path: Path) -> None:
    content = _pack(post).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name, told in files.items():
        middle = len(told) // 2
        changed = told[:middle] + bytes([told[middle] ^ 1]) + told[middle + 1 :]
        found = verify_evidence.problems(str(_with(content, tmp_path / "changed.zip", {name: changed})))
        assert any(name in line for line in found), (name, found)
    assert verify_evidence.problems(str(_with(content, tmp_path / "more.zip", {"otro.txt": b"x"}))) == [
        "otro.txt no estaba cuando se firmó"
    ]


def test_a_record_that_was_rewritten_is_named_by_its_section_and_number(post: Post, tmp_path: Path) -> None:
    content = _pack(post).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = archive.read("evidence.json")
    forged = body.replace(b"Otra carta igual", b"Otra carta igua1")
    assert forged != body
    found = verify_evidence.problems(str(_with(content, tmp_path / "forged.zip", {"evidence.json": forged})))
    assert found == ["evidence.json cambió", "evidence.json: replies, registro 1"]


@pytest.mark.parametrize("content", [b"", b"aldia", bytes(range(256)) * 9])
def test_the_script_reads_signatures_as_the_library_does(content: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, signature = private.public_key().public_bytes_raw(), private.sign(content)
    assert verify_evidence.is_signed(public, content, signature)
    assert not verify_evidence.is_signed(public, content + b"x", signature)
    assert not verify_evidence.is_signed(public, content, signature[:-1] + bytes([signature[-1] ^ 1]))


def test_taking_it_out_needs_permission_and_is_kept_in_the_audit(post: Post) -> None:
    collector = member(post.organisation.pk, user_id=1, role="COLLECTOR")
    with pytest.raises(NotAllowed):
        evidence.pack_of_person(actor=collector, party_id=post.party_id, clock=post.clock)
    with pytest.raises(NobodyThere):
        evidence.pack_of_person(actor=post.actor, party_id=post.party_id + 999, clock=post.clock)
    _pack(post)
    kept = AuditEvent.objects.of(post.organisation).get(verb="kpi.evidence.take")
    assert kept.object_id == str(post.party_id) and kept.data["counts"]["notices"] == 2


def test_the_script_imports_nothing_but_the_standard_library() -> None:
    imported = {
        line.split()[1].partition(".")[0]
        for line in SCRIPT.read_text(encoding="utf-8").splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imported <= sys.stdlib_module_names
