"""The link with another system's books: kept, tried, and synced both ways so that no payment counts twice.

A turn first writes there what was paid here, then reads what is open there. A receipt is provisional until that reading
explains it, so the order of the two, a fall between them and a second turn all end in the same balances:

* out, each receipt has a mark for ever and the system is asked for the mark before anything is written;
* in, the payment that we wrote lowers the balance that they declare, and absorbs the receipt instead of paying again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.contact import services as contact
from aldia.db.vault import VaultClosed, seal, unseal
from aldia.intake.links.protocol import Books, LinkAddress, LinkBroken, OpenItem, Page
from aldia.intake.links.registry import SYSTEMS, Open
from aldia.intake.models import Link, Load, LoadState
from aldia.intake.readers.refusals import Refused
from aldia.intake.requests import LoadRequest
from aldia.intake.services import deliveries
from aldia.intake.services.places import key_of
from aldia.intake.services.rows import load_rows
from aldia.ledger import facts as ledger
from aldia.ledger import selectors as ledger_selectors
from aldia.payments import facts as payments

LEASE: Final = timedelta(minutes=15)


class LinkNotKept(ValueError):
    """Raised when the link cannot be as it was written; `field` names the part, the text says how to repair it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class NoLink(LookupError):
    """Raised when the organisation has no link, or it is turned off."""


@dataclass(frozen=True)
class LinkDraft:
    """A link as a person writes it down. An empty secret keeps the one that is there."""

    system: str
    url: str
    database: str
    user: str
    secret: str
    portfolio: str
    method: str = ""
    is_on: bool = True


@dataclass(frozen=True)
class Turn:
    """What one turn did: receipts written and taken back there, refused ones, what the load of open debts changed; or why not."""

    delivered: int = 0
    taken_back: int = 0
    refused: int = 0
    new: int = 0
    changed: int = 0
    settled: int = 0
    rejected: int = 0
    load: int | None = None
    is_full: bool = False
    is_busy: bool = False
    problem: dict[str, str] | None = None


@transaction.atomic
def set_link(*, actor: Actor, draft: LinkDraft, now: datetime) -> Link:
    """Keep the link of the organisation. Going to another database or portfolio begins anew. Raises LinkNotKept, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    _check(actor, draft)
    row: Link = Link.objects.of(actor.organisation_id).first() or Link(
        organisation_id=actor.organisation_id, mark=_new_mark(), made_at=now
    )
    place = (draft.system, draft.url, draft.database, key_of(draft.portfolio))
    if row.pk and place != (row.system, row.url, row.database, key_of(row.portfolio_name)):
        row.mark, row.made_at, row.seen_at, row.full_on, row.load_id = _new_mark(), now, None, None, None
        row.deliveries.all().delete()
    row.system, row.url, row.database, row.user = draft.system, draft.url, draft.database, draft.user
    row.portfolio_name, row.method, row.is_on = draft.portfolio, draft.method, draft.is_on
    row.secret = seal(draft.secret) if draft.secret else row.secret
    row.problem = {}
    row.save()
    told = {name: value for name, value in asdict(draft).items() if name != "secret"}
    audit.record(
        actor=actor, verb="intake.link.set", object_type="link", object_id=row.pk, now=now,
        data={**told, "has_new_secret": bool(draft.secret)},
    )  # fmt: skip
    return row


def try_link(*, actor: Actor, open_books: Open | None = None) -> str:
    """Return who we are in the other system. Raises NoLink, NotAllowed, and LinkBroken with how to repair it."""
    actor.check(Permission.EDIT_SETTINGS)
    row = _link_of(actor)
    with _opened(row, open_books) as books:
        return books.greet()


def sync(
    *, actor: Actor, clock: Clock, real_now: datetime, is_full: bool = False, open_books: Open | None = None
) -> Turn:
    """Write there what was paid here, then read what is open there; return what that did. One turn of a link at a time.

    `real_now` is the instant of the machine, for the lease and what the screen shows. What goes wrong is kept with the link, with
    its repair, and is in the answer: nothing is raised but NoLink and NotAllowed.
    """
    actor.check(Permission.LOAD_FILES)
    row = _link_of(actor)
    free = Q(busy_until_at__isnull=True) | Q(busy_until_at__lt=real_now)
    mine = Link.objects.of(actor.organisation_id).filter(pk=row.pk)
    if not mine.filter(free).update(busy_until_at=real_now + LEASE, tried_at=real_now):
        return Turn(is_busy=True)
    told: dict[str, Any] = {}
    try:
        with _opened(row, open_books) as books:
            if not access.organisation_of(actor).is_sandbox:  # nothing of a rehearsal reaches other books
                told |= deliveries.deliver(actor=actor, link=row, books=books, now=real_now)
            told |= _read(actor, row, books, clock, is_full=is_full)
        problem: dict[str, str] = {}
    except Refused as refusal:
        problem = deliveries.problem_of(refusal)
    turn = Turn(**told, problem=problem or None)
    kept = {"problem": problem, "counts": asdict(turn), "busy_until_at": None}
    mine.update(**kept, **({} if problem else {"synced_at": real_now}))
    return turn


def _check(actor: Actor, draft: LinkDraft) -> None:
    """An address that aldia may go to, and a portfolio whose balances somebody else declares."""
    try:
        contact.check_address(draft.url)
    except (OSError, ValueError) as error:
        raise LinkNotKept(
            "url",
            _(
                "No se puede usar esa dirección (%(why)s). Una de la red propia necesita ALDIA_WEBHOOKS_INSIDE=1."
            )
            % {"why": error},
        ) from error
    if draft.system not in SYSTEMS:
        raise LinkNotKept("system", _("Se enlaza con: %(names)s.") % {"names": ", ".join(SYSTEMS)})
    portfolio = ledger_selectors.portfolios(actor).filter(key=key_of(draft.portfolio)).first()
    if portfolio and portfolio.authority != "EXTERNAL":
        raise LinkNotKept(
            "portfolio",
            _("La cartera «%(name)s» se lleva en aldia: el enlace necesita una propia.")
            % {"name": portfolio.name},
        )


def _read(actor: Actor, row: Link, books: Books, clock: Clock, *, is_full: bool) -> dict[str, Any]:
    """Take what is open there: everything once a day and after an undone load, else what changed since."""
    portfolio = ledger_selectors.portfolios(actor).filter(key=key_of(row.portfolio_name)).first()
    stands = (
        row.load_id is None
        or Load.objects.of(actor.organisation_id).filter(pk=row.load_id, state=LoadState.MERGED).exists()
    )
    is_full = is_full or portfolio is None or row.seen_at is None or row.full_on != clock.as_of or not stands
    waited_for = (
        payments.provisional_documents(actor.organisation_id, portfolio_id=portfolio.pk)
        if portfolio
        else set()
    )
    known: list[str] = []
    if portfolio and not is_full:
        held = ledger.known_documents(actor.organisation_id, portfolio_id=portfolio.pk, source=portfolio.key)
        is_live = (held["balance_minor"] != 0) | held["document_id"].is_in(list(waited_for))
        known = held.filter(is_live & (held["state"] == "OPEN"))["reference"].to_list()
    page = books.read(marks=row.mark, since=None if is_full else row.seen_at, known=known)
    if page.gone and not is_full:  # erased there, not paid: only everything says what is left
        return _read(actor, row, books, clock, is_full=True)
    result = _loaded(actor, row, page, clock, is_full=is_full, is_waited_for=bool(waited_for))
    row.seen_at, row.full_on = page.seen_at, clock.as_of if is_full else row.full_on
    row.load_id = result.get("load") or row.load_id
    row.save(update_fields=["seen_at", "full_on", "load_id"])
    return {**result, "is_full": is_full}


def _loaded(
    actor: Actor, row: Link, page: Page, clock: Clock, *, is_full: bool, is_waited_for: bool
) -> dict[str, Any]:
    """Load what was read. What changes nothing leaves no load, unless a receipt waits to be explained by it."""
    if not page.items:
        if is_full:
            raise LinkBroken(
                "nothing_open", found=row.database, field="user",
                hint=_("Tryton no muestra nada por cobrar: si no es cierto, el usuario no está en esa empresa o le faltan grupos."),
            )  # fmt: skip
        return {}
    told: dict[str, Any] = {
        "actor": actor, "rows": [_row(item) for item in page.items], "clock": clock, "name": row.system,
        "request": LoadRequest(
            portfolio=row.portfolio_name, currency=page.items[0].currency, as_of=clock.as_of, is_full_refresh=is_full
        ),
    }  # fmt: skip
    if row.load_id and not is_waited_for:
        seen = load_rows(**told, is_dry_run=True)
        if not (seen.new or seen.changed or seen.settled or seen.rejected):
            return {}
    result = load_rows(**told)
    return {
        "new": result.new, "changed": result.changed, "settled": result.settled, "rejected": result.rejected, "load": result.load_id,
    }  # fmt: skip


def _row(item: OpenItem) -> dict[str, Any]:
    return {**asdict(item), "document_number": item.number}


def _opened(row: Link, open_books: Open | None) -> Any:
    """Sign in there. Raises LinkBroken also when the secret was sealed with another key."""
    try:
        secret = unseal(row.secret)
    except VaultClosed as error:
        raise LinkBroken(
            "sealed_elsewhere",
            field="secret",
            hint=_("La clave se guardó en otra instalación: escríbela otra vez."),
        ) from error
    opens: Callable[[LinkAddress], Any] = open_books or SYSTEMS[row.system]
    return opens(LinkAddress(row.url, row.database, row.user, secret, row.method))


def _link_of(actor: Actor) -> Link:
    row: Link | None = Link.objects.of(actor.organisation_id).filter(is_on=True).first()
    if row is None:
        raise NoLink(_("No hay un enlace encendido: Ajustes, Enlace contable."))
    return row


def _new_mark() -> str:
    return f"aldia:{token_hex(4)}"
