"""The seal of an agreement, which proves that a text was accepted as it is, and whose role reaches an approval."""

import hashlib
import json

from django.utils.crypto import salted_hmac

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.outcomes.models import Acceptance

_RANK = {"COLLECTOR": 1, "SUPERVISOR": 2, "MANAGER": 3, "ADMINISTRATOR": 4, "": 5}


def may_approve(actor: Actor, needs: str) -> bool:
    """Return whether the actor's role reaches the level that an agreement needs."""
    return actor.may(Permission.APPROVE_AGREEMENTS) and _RANK.get(actor.role, 0) >= _RANK.get(needs, 9)


def version_of(text: str) -> str:
    """Return what names a text for ever: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_genuine(seal: Acceptance, text: str) -> bool:
    """Return whether an acceptance is as this installation sealed it, and about this very text."""
    return seal.version == version_of(text) and seal.signature == signature_of(seal)


def signature_of(seal: Acceptance) -> str:
    """Return what seals an acceptance: made with the installation's secret over every part of it."""
    told = [
        seal.organisation_id, seal.agreement_id, seal.version, seal.how, seal.by, seal.link_id, seal.address_hash,
        seal.at.isoformat(),
    ]  # fmt: skip
    return salted_hmac("aldia.agreement", json.dumps(told), algorithm="sha256").hexdigest()
