"""Printing letters: one file for the printer with its manifest; each letter is printed once."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact.models import DeliveryEvent, Message
from aldia.db.locks import named_lock
from aldia.domain.cells import inert
from aldia.ledger import selectors as ledger

MANIFEST = "manifest.csv"
_HEAD = ("number", "file", "code", "addressee", "address", "pdf_sha256")


@dataclass(frozen=True)
class Printing:
    """A ZIP of numbered PDFs with their manifest, and how many letters it holds."""

    content: bytes
    letters: int


@transaction.atomic
def print_letters(*, actor: Actor, now: datetime, limit: int = 2_000) -> Printing:
    """Return the letters that left and were not printed yet; they count as printed from now on. Raises NotAllowed."""
    actor.check(Permission.BULK_ACT)
    with named_lock("contact.letters", actor.organisation_id):
        printed = DeliveryEvent.objects.of(actor.organisation_id).filter(event_id__startswith="print:")
        waiting = Message.objects.of(actor.organisation_id).filter(channel="letter", order__state="sent")
        chosen = list(waiting.exclude(order_id__in=printed.values("order_id")).order_by("pk")[:limit])
        content = _bundle(actor, chosen)
        DeliveryEvent.objects.bulk_create(
            DeliveryEvent(
                organisation_id=actor.organisation_id, order_id=each.order_id, kind="sent", at=now,
                event_id=f"print:{each.pk}", detail="|printed",
            )
            for each in chosen
        )  # fmt: skip
        audit.record(actor=actor, verb="contact.letters.print", object_type="organisation",
                     object_id=actor.organisation_id, now=now, data={"letters": len(chosen)})  # fmt: skip
    return Printing(content, len(chosen))


def _bundle(actor: Actor, messages: list[Message]) -> bytes:
    bundle, told = io.BytesIO(), io.StringIO(newline="")
    manifest = csv.writer(told)
    manifest.writerow(_HEAD)
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as zipped:
        for number, message in enumerate(messages, start=1):
            pdf = _pdf(actor, message)
            name = f"{number:05d}-{message.reference[:8]}.pdf"
            zipped.writestr(name, pdf)
            addressee, _line, address = message.recipient.partition("\n")
            digest = hashlib.sha256(pdf).hexdigest()
            row = (
                number,
                name,
                message.reference[:8].upper(),
                addressee,
                address.replace("\n", ", "),
                digest,
            )
            manifest.writerow(map(inert, row))
        zipped.writestr(MANIFEST, told.getvalue())
    return bundle.getvalue()


def _pdf(actor: Actor, message: Message) -> bytes:
    _row, path = ledger.open_file(actor, message.attachments[0]["file_id"])
    return path.read_bytes()
