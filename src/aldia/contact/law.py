"""What the gate needs to know about one case: its policy, the person's clocks, history, consents and holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aldia.access import selectors as access
from aldia.access.actors import system
from aldia.cases import selectors as cases
from aldia.contact.house.book import facts_of, policy_of
from aldia.contact.models import Order, OrderState, Touch
from aldia.contact.rulepacks import shipped_rules
from aldia.db.ahead import read_by
from aldia.domain.calendars import country_calendar
from aldia.domain.compliance.gate import Intent, Verdict, may_contact
from aldia.domain.compliance.history import Hold, PastContact, Standing
from aldia.domain.compliance.policy import ContactPolicy
from aldia.domain.compliance.zones import zones_for
from aldia.ledger import selectors as ledger
from aldia.parties import selectors as parties

if TYPE_CHECKING:
    from aldia.ledger.models import Account, Portfolio
    from aldia.parties.models import Party

LEGAL = "legal"  # the kind of hold that binds people too
HISTORY = timedelta(days=400)  # longer than any period that a rule counts


@dataclass(frozen=True)
class Matter:
    """One case as the law sees it on a day."""

    organisation_id: int
    case_id: int
    portfolio: Portfolio
    party: Party
    policy: ContactPolicy
    zones: tuple[ZoneInfo, ...]


def matter(organisation_id: int, case_id: int, *, on: date, phone: str | None = None) -> Matter:
    """Return the case's policy and clocks. Raises LookupError when the case is not the organisation's."""
    account = ledger.account(organisation_id, case_id)
    portfolio, party = account.portfolio, account.party
    facts = facts_of(portfolio, country=party.country or portfolio.country, region=party.region)
    policy = policy_of(organisation_id, facts, on=on)
    return Matter(organisation_id, case_id, portfolio, party, policy, _zones(account, phone))


def zones_of(organisation_id: int, case_id: int) -> tuple[ZoneInfo, ...]:
    """Return the plausible clocks of the case's debtor. Raises LookupError when the case is not the organisation's."""
    return _zones(ledger.account(organisation_id, case_id), None)


def _zones(account: Account, phone: str | None) -> tuple[ZoneInfo, ...]:
    party = account.party
    if party.timezone:
        return (ZoneInfo(party.timezone),)
    country = party.country or account.portfolio.country or None
    return zones_for(shipped_rules(), country=country, region=party.region or None, phone=phone).zones


def ask(
    about: Matter,
    *,
    channel: str,
    at: datetime,
    is_automated: bool,
    purpose: str = "collection",
    standing: Standing | None = None,
    besides_order: int | None = None,
) -> Verdict:
    """Return whether the person of the case may be contacted at that instant, with the reasons when not."""
    return may_contact(
        about.policy,
        _intent(about, channel, at, is_automated, purpose),
        history=history(about, before=at, besides_order=besides_order),
        standing=standing or agreed(about, at.astimezone(about.zones[0]).date()),
        is_holiday=holiday_check(about, at.date()),
    )


def ask_each(
    about: Matter, *, channels: Iterable[str], at: datetime, place: str | None = None
) -> dict[str, Verdict]:
    """Return the answer for each channel to a person who would do it by hand now; what is known is read once for all.

    `place` is what kind of place a visit would go to, None when nobody knows.
    """
    past, standing = history(about, before=at), agreed(about, at.astimezone(about.zones[0]).date())
    is_holiday = holiday_check(about, at.date())
    return {
        channel: may_contact(
            about.policy,
            replace(
                _intent(about, channel, at, False, "collection"), place=place if channel == "visit" else None
            ),
            history=past,
            standing=standing,
            is_holiday=is_holiday,
        )
        for channel in channels
    }


def _intent(about: Matter, channel: str, at: datetime, is_automated: bool, purpose: str) -> Intent:
    return Intent(
        channel=channel,
        at=at,
        zones=about.zones,
        creditor_id=str(about.portfolio.creditor_id),
        debt_ids=frozenset({str(about.case_id)}),
        is_automated=is_automated,
        purpose=purpose,
    )


def agreed(about: Matter, on: date) -> Standing:
    """Return what the person has consented to and refused, towards the creditor of the case, and what the law holds that day.

    A legal hold (asked not to be contacted, has a lawyer, is insolvent …) stops people too, not only what is automatic.
    """
    consented, opted_out = parties.wishes(about.organisation_id, about.party.pk, about.portfolio.creditor_id)
    in_force = cases.holds(system(about.organisation_id), about.case_id, as_of=on)
    legal = tuple(Hold(LEGAL, hold.ends_on) for hold in in_force if hold.kind == LEGAL)
    return Standing(consented=consented, opted_out=opted_out, holds=legal)


def history(about: Matter, *, before: datetime, besides_order: int | None = None) -> list[PastContact]:
    """Return the person's touches, and the orders in flight that may yet become one, over every case of the organisation."""
    group = parties.group_of(about.organisation_id, about.party.pk)
    flying = [order for member in group for order in _flying(about.organisation_id, member)]
    past = [
        PastContact(
            channel=touch.channel, at=touch.at, is_contact=touch.is_contact or touch.origin.startswith("order:"),
            is_inbound=touch.is_inbound, creditor_id=str(touch.creditor_id), debt_ids=frozenset({str(touch.case_id)}),
        )
        for touch in touches_of(about, before=before)
    ]  # fmt: skip
    past += [
        PastContact(
            channel=order.channel, at=order.sending_at or before, creditor_id=str(order.creditor_id),
            debt_ids=frozenset({str(order.case_id)}),
        )
        for order in flying
        if order.pk != besides_order
    ]  # fmt: skip
    return past


def touches_of(about: Matter, *, before: datetime) -> list[Touch]:
    """Return what was tried with the person in the history that the law looks at, in any case of the organisation."""
    group, since = parties.group_of(about.organisation_id, about.party.pk), (before - HISTORY).date()
    return [touch for member in group for touch in _touches(about.organisation_id, member, since)]


def read_ahead(organisation_id: int, orders: Sequence[Order], *, before: datetime, as_of: date) -> None:
    """Read together what the law and a message ask about each of these orders, one of each person at most."""
    case_ids, party_ids = [order.case_id for order in orders], [order.party_id for order in orders]
    ledger.read_ahead(organisation_id, case_ids, as_of=as_of)
    cases.read_ahead(organisation_id, case_ids, as_of=as_of)
    for creditor_id in {order.creditor_id for order in orders}:
        theirs = [order.party_id for order in orders if order.creditor_id == creditor_id]
        parties.read_ahead(organisation_id, theirs, creditor_id=creditor_id)
    _touches.ahead(organisation_id, party_ids, (before - HISTORY).date())
    _flying.ahead(organisation_id, party_ids)


@read_by(lambda touch: touch.party_id)
def _touches(organisation_id: int, party_ids: list[int], since: date) -> Any:
    rows = Touch.objects.of(organisation_id).filter(party_id__in=party_ids, local_on__gte=since)
    return rows.exclude(is_rehearsal=True, organisation__is_sandbox=False)


@read_by(lambda order: order.party_id)
def _flying(organisation_id: int, party_ids: list[int]) -> Any:
    return Order.objects.of(organisation_id).filter(party_id__in=party_ids, state=OrderState.SENDING)


def holiday_check(about: Matter, on: date) -> Callable[[date], bool]:
    """Return whether a day is closed where the debtor is, or for the organisation itself."""
    own = access.holidays(about.organisation_id)
    country = about.party.country or about.portfolio.country
    if not country:
        return lambda day: day in own
    calendar = country_calendar(country, range(on.year, on.year + 2))
    return lambda day: day in own or calendar.is_holiday(day)


def held_by(
    organisation_id: int, case_id: int, *, document_ids: list[int], as_of: date, through: Sequence[str] = ()
) -> str:
    """Return the kind of the hold that stops notices about these documents (the whole case when none is named), or ''.

    Kinds in `through` stop nothing: the reminder of a promise is not stopped by that promise.
    """
    for hold in cases.holds(system(organisation_id), case_id, as_of=as_of):
        if hold.kind in through:
            continue
        if hold.document_id is None or (document_ids and hold.document_id in document_ids):
            return str(hold.kind)
    return ""
