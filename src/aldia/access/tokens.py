"""Tokens of the HTTP API: made once, kept as a digest, revoked for ever; and what each writing call was answered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.access import audit
from aldia.access.actors import Actor
from aldia.access.models import ApiAnswer, ApiToken
from aldia.access.permissions import Permission

SCOPES: Final = {
    Permission.SEE_ALL_CASES: gettext_lazy("Leer casos, documentos, cobros y promesas"),
    Permission.LOAD_FILES: gettext_lazy("Traer documentos y contactos"),
    Permission.REGISTER_RECEIPTS: gettext_lazy("Registrar cobros"),
    Permission.WORK_CASES: gettext_lazy("Anotar promesas"),
    Permission.EDIT_SETTINGS: gettext_lazy("Administrar los avisos a sistemas"),
    Permission.WORK_PLACED: gettext_lazy("Contar las actividades de una agencia"),
}
"""What a token may be given, each with its words."""
PREFIX: Final = "aldia_"
REMEMBERED: Final = timedelta(days=30)
_SEEN_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Reach:
    """What part of the organisation a token reaches: only portfolios of these creditors, only these, only the cases placed with one
    agency. None does not narrow."""

    creditor_ids: tuple[int, ...] | None = None
    portfolio_ids: tuple[int, ...] | None = None
    agency_id: int | None = None


WHOLE: Final = Reach()


class TokenRefused(ValueError):
    """Raised when a token cannot be made as it was asked for."""


class UnknownToken(LookupError):
    """There is no such token in this organisation, or it was revoked."""


class KeyReused(ValueError):
    """Raised when an idempotency key comes back with another call."""


@transaction.atomic
def make_token(
    *, actor: Actor, name: str, permissions: Collection[Permission], now: datetime, reach: Reach = WHOLE
) -> tuple[ApiToken, str]:
    """Return a new token and its text, which is never shown again. Nobody gives what they have not. Raises TokenRefused, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    given = [scope for scope in SCOPES if scope in set(permissions)]
    if not name.strip() or not given or len(given) != len(set(permissions)):
        raise TokenRefused(_("Un token necesita un nombre y al menos un permiso de la lista."))
    if (Permission.WORK_PLACED in given) != (reach.agency_id is not None):
        raise TokenRefused(
            _("El token que cuenta actividades es de una agencia, y el de una agencia las cuenta.")
        )
    if reach != WHOLE and Permission.EDIT_SETTINGS in given:
        raise TokenRefused(_("Los avisos a sistemas son de toda la organización: ese token no se limita."))
    for scope in given:
        if scope != Permission.WORK_PLACED:
            actor.check(scope)
    text = PREFIX + token_urlsafe(32)
    row = ApiToken.objects.create(
        organisation_id=actor.organisation_id, name=name.strip()[:80], start=text[:12], digest=_digest(text),
        permissions=[scope.value for scope in given], made_by=actor.label, made_at=now, agency_id=reach.agency_id,
        creditor_ids=_listed(reach.creditor_ids), portfolio_ids=_listed(reach.portfolio_ids),
    )  # fmt: skip
    audit.record(
        actor=actor, verb="access.token.make", object_type="token", object_id=row.pk, now=now,
        data={"name": row.name, "permissions": row.permissions, "reach": asdict(reach)},
    )  # fmt: skip
    return row, text


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int, now: datetime) -> None:
    """End a token from this instant. Raises UnknownToken, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    live = ApiToken.objects.of(actor.organisation_id).filter(pk=token_id, revoked_at__isnull=True)
    if not live.update(revoked_at=now):
        raise UnknownToken(_("Ese token no existe o ya está revocado."))
    audit.record(actor=actor, verb="access.token.revoke", object_type="token", object_id=token_id, now=now)


def tokens(actor: Actor) -> list[ApiToken]:
    """Return the tokens of the organisation, the newest first, revoked ones too, for who edits settings or reads everything."""
    if not actor.may(Permission.READ_EVERYTHING):
        actor.check(Permission.EDIT_SETTINGS)
    return list(ApiToken.objects.of(actor.organisation_id))


def actor_of_token(text: str, *, now: datetime) -> tuple[Actor, int] | None:
    """Return who acts with the token, and its id; None when no live token has that text."""
    live = ApiToken.objects.across_organisations().filter(digest=_digest(text), revoked_at__isnull=True)
    row: ApiToken | None = live.first()
    if row is None:
        return None
    if row.used_at is None or row.used_at <= now - _SEEN_EVERY:
        live.update(used_at=now)
    given = frozenset(Permission(name) for name in row.permissions)
    actor = Actor(
        row.organisation_id, f"token:{row.pk}", permissions=given, creditor_ids=_known(row.creditor_ids),
        portfolio_ids=_known(row.portfolio_ids), agency_id=row.agency_id,
    )  # fmt: skip
    return actor, row.pk


def _listed(keys: tuple[int, ...] | None) -> list[int] | None:
    return None if keys is None else sorted(keys)


def _known(keys: list[int] | None) -> frozenset[int] | None:
    return None if keys is None else frozenset(keys)


def answered_once(
    *,
    actor: Actor,
    token_id: int,
    key: str,
    asked: bytes,
    now: datetime,
    act: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any], bool]:
    """Return (status, body, whether it is of before): what was answered to this key, else what `act` answers, kept with what it did.

    One transaction: whatever `act` raises undoes both, so only what was done is remembered. Raises KeyReused.
    """
    digest = hashlib.sha256(asked).hexdigest()
    mine = ApiAnswer.objects.of(actor.organisation_id).filter(token_id=token_id, key=key)
    try:
        with transaction.atomic():
            mine.filter(made_at__lt=now - REMEMBERED).delete()
            known: ApiAnswer | None = mine.first()
            if known is None:
                row = ApiAnswer.objects.create(
                    organisation_id=actor.organisation_id,
                    token_id=token_id,
                    key=key,
                    asked=digest,
                    made_at=now,
                )
                row.status, row.body = act()
                row.save(update_fields=["status", "body"])
                return row.status, row.body, False
    except IntegrityError:  # somebody else came with the same key, and has finished
        known = mine.first()
        if known is None:
            raise
    if known.asked != digest:
        raise KeyReused(_("Esa clave de idempotencia ya se usó con otro pedido: usa una nueva."))
    return known.status, known.body, True


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
