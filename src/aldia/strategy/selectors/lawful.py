"""When the law of each portfolio of a strategy lets each channel be used, day of the week by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from aldia.access.actors import Actor
from aldia.access.permissions import Permission
from aldia.contact.house.book import book_of
from aldia.contact.rulepacks import policy_under
from aldia.domain.compliance.gate import day_windows
from aldia.domain.compliance.matching import CaseFacts
from aldia.domain.compliance.policy import ContactPolicy
from aldia.engine.contact_rules import CHANNELS
from aldia.ledger import facts as ledger
from aldia.strategy.shipped import default_key

DAYS = 7


@dataclass(frozen=True)
class LawWeek:
    """One country's week: by channel, the open hours of Monday to Sunday, empty when the day is closed."""

    country: str
    portfolios: tuple[str, ...]
    channels: tuple[tuple[str, tuple[str, ...]], ...]


def lawful_weeks(actor: Actor, key: str, *, on: date) -> list[LawWeek]:
    """Return the week of each different law of the portfolios that a strategy works. Raises NotAllowed."""
    actor.check(Permission.SEE_STRATEGIES)
    return [
        LawWeek(
            facts.country or "?", tuple(names), tuple((name, _week(policy, name, on)) for name in CHANNELS)
        )
        for facts, names, policy in policies_of(actor.organisation_id, key, on)
    ]


def policies_of(
    organisation_id: int, key: str, on: date
) -> Iterator[tuple[CaseFacts, list[str], ContactPolicy]]:
    """Yield each different law of a strategy's portfolios: its facts, the names of the portfolios, and what it says."""
    laws: dict[CaseFacts, list[str]] = {}
    for row in ledger.portfolio_frame(organisation_id).iter_rows(named=True):
        named = row["strategy_key"] or default_key(debt_kind=row["debt_kind"], debtor_kind=row["debtor_kind"])
        if named == key:
            facts = CaseFacts(row["country"], "", row["debt_kind"], row["debtor_kind"], row["actor_kind"])
            laws.setdefault(facts, []).append(row["name"])
    book = book_of(organisation_id)
    for facts, names in sorted(laws.items(), key=str):
        yield facts, names, policy_under(book, facts, on=on)


def _week(policy: ContactPolicy, channel: str, on: date) -> tuple[str, ...]:
    monday = on - timedelta(days=on.weekday())
    return tuple(
        ", ".join(
            f"{_hour(begin)}–{_hour(end)}"
            for begin, end in day_windows(policy, channel, monday + timedelta(days=day), False)
        )
        for day in range(DAYS)
    )


def _hour(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}" if minutes % 60 else str(minutes // 60)
