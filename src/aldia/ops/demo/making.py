"""Makes the demonstration from nothing: houses, people, files loaded, and the days lived since."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor, Clock, system
from aldia.cases import selectors as cases
from aldia.cases import services as case_services
from aldia.chat import services as chat
from aldia.chat.switching import ChatRules
from aldia.domain.periods import previous_month
from aldia.intake import services as intake
from aldia.intake.requests import LoadRequest
from aldia.kpi import services as kpi
from aldia.kpi.figures import figures
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.ops import day, newcomers
from aldia.ops.demo import agreeing, files, lending, names, papers
from aldia.ops.demo.houses import ANDINA, HOUSES, JACARANDA, PASSWORD, House
from aldia.ops.demo.working import Office
from aldia.parties import services as parties
from aldia.payments import services as payments
from aldia.strategy import selectors as strategy_reads
from aldia.strategy import services as strategy

if TYPE_CHECKING:
    from aldia.access.models import Membership, Organisation

SEED = 20_260
CUSTOMERS, CHAINS, BORROWERS = 290, 60, 200
AGREED = 0.9
DAYS = 8  # days lived, the last one today
TREND_DAYS = 60  # days before them that only have their figures
Tell = Callable[[str], None]


class AlreadyInhabited(Exception):
    """Raised when the installation has an organisation: the demonstration never mixes with anybody's work."""


@transaction.atomic
def make(*, now: datetime, tell: Tell, days: int = DAYS) -> list[tuple[str, str, str, str]]:
    """Make both organisations and return who can sign in: (organisation, name, e-mail, role). Raises AlreadyInhabited.

    Whole or not at all: an interrupted first start leaves an empty database, which the next start fills.
    """
    if access.organisations().exists():
        raise AlreadyInhabited(
            _("Ya hay una organización: la demostración solo se hace sobre una base vacía.")
        )
    for house in HOUSES:
        tell(_("%(name)s: equipo y cartera …") % {"name": house.name})
        organisation = newcomers.found_organisation(
            key=house.key, name=house.name, country=house.country, currency=house.currency
        )
        today = access.clock_of(organisation, now).as_of
        first = today - timedelta(days=days - 1)
        access_services.move_clock(actor=system(organisation.pk), to=first, now=now)
        organisation.refresh_from_db()
        _furnish(house, organisation, Clock(first, day.dawn_of(organisation, first)), today)
        _live(organisation, first, today, now=now, tell=tell)
        _place_outside(house, organisation, now)
    return [
        (house.name, person.name, person.email, person.role)
        for house in HOUSES
        for person in (*house.staff, *house.outside)
    ]


def _furnish(house: House, organisation: Organisation, clock: Clock, today: date) -> None:
    """The house on its first day: people, portfolios, and everything that it decided before working them."""
    actor = system(organisation.pk)
    staff = _hire(house, organisation, clock, today)
    creditor = ledger_services.ensure_creditor(
        actor=actor, key=slugify(house.name), name=house.name, now=clock.now, **house.creditor
    )
    _open_windows(house, actor, staff, creditor.pk, clock)
    _load_portfolios(house, actor, creditor.pk, clock, today)
    if house.debt["debtor_kind"] == "consumer":
        lending.lend(actor, creditor.pk, house.debt, house.currency, clock)
        _agree(organisation, creditor.pk, clock)
    *_others, owner = (member for member in staff.values() if member.role in {"SUPERVISOR", "MANAGER"})
    for portfolio in ledger.portfolios(actor):
        ledger_services.change_portfolio(
            actor=actor, portfolio_id=portfolio.pk, now=clock.now, owner_id=owner.user_id
        )
    agreeing.write_policy(actor, house.currency, clock)
    _take_online(actor, house, clock)
    _open_chat(actor, clock)
    _write_policies(house, actor, owner, clock)
    kpi.rebuild(
        actor=actor, from_on=clock.as_of - timedelta(days=TREND_DAYS), to_on=clock.as_of, now=clock.now
    )
    for key, name, rule in house.segments:
        strategy.save_segment(actor=actor, key=key, name=name, rule=rule, clock=clock)
    _aim(organisation, staff, clock)


def _load_portfolios(house: House, actor: Actor, creditor_id: int, clock: Clock, today: date) -> None:
    """Each portfolio with its documents and its people, by the same files that anybody would load."""
    with tempfile.TemporaryDirectory() as folder:
        for portfolio, documents, contacts in _exports(house, Path(folder), today):
            ledger_services.ensure_portfolio(
                actor=actor, creditor_id=creditor_id, key=slugify(portfolio), name=portfolio, currency=house.currency,
                now=clock.now, settings={"team": house.team_of.get(portfolio, "cobranzas")}, **house.debt,
            )  # fmt: skip
            request = LoadRequest(creditor=house.name, portfolio=portfolio, as_of=clock.as_of)
            intake.load(actor=actor, path=documents, request=request, clock=clock, is_dry_run=False)
            intake.load_contacts(actor=actor, path=contacts, request=request, clock=clock)


def _open_chat(actor: Actor, clock: Clock) -> None:
    chat.set_chat(actor=actor, rules=ChatRules(is_on=True), clock=clock)
    chat.save_reply(
        actor=actor,
        name="Saludo",
        text="Hola, gracias por escribir. Ya lo estoy viendo contigo.",
        clock=clock,
    )


def _write_policies(house: House, actor: Actor, owner: Membership, clock: Clock) -> None:
    """The house's policies, each with its owner, who signs them when a manager."""
    author = access.actor_of(owner) if owner.role == "MANAGER" else actor
    for kind, key, title, body in house.policies:
        parts = _parts_of(actor, house, clock) if kind == "plan" else {}
        draft = strategy.PolicyDraft(kind, key, title, body, clock.as_of, owner_id=owner.user_id, parts=parts)
        strategy.write_policy(actor=author, policy=draft, clock=clock)


def _take_online(actor: Actor, house: House, clock: Clock) -> None:
    """Whoever opens a link of the demonstration may play to pay, or see where to transfer."""
    told = {"holder": house.name, "account": "0110599520000001234567", "currencies": house.currency}
    for provider in ("practice", "transfer"):
        method = payments.set_method(
            actor=actor, provider=provider, creditor_id=None, told=told, now=clock.now
        )
        payments.switch_method(actor=actor, method_id=method.pk, is_on=True, now=clock.now)


def _parts_of(actor: Actor, house: House, clock: Clock) -> dict[str, list[str]]:
    """What the plan of a house names: everything that it has, and of the strategies, the one of its portfolios."""
    known = strategy_reads.plan_choices(actor, on=clock.as_of)
    named = {part: [one.key for one in rows] for part, rows in known.items()}
    return named | {"strategies": [house.debt["strategy_key"]]}


def _aim(organisation: Organisation, staff: dict[str, Membership], clock: Clock) -> None:
    """Targets of the month: what to collect in all, promises of each team, and each collector's own."""
    actor, on = system(organisation.pk), clock.as_of + timedelta(days=DAYS - 1)
    goals = [
        (kpi.Goal("organisation", 0, "recovered", on, currency), before.recovered_minor * 11 // 10)
        for currency, before in figures(organisation.pk, previous_month(on)).items()
    ]
    goals += [(kpi.Goal("team", team.pk, "promises_made", on), 15) for team in access.teams(actor)]
    goals += [
        (kpi.Goal("portfolio", row.pk, "promises_made", on), 20) for row in ledger.portfolios(actor)[:1]
    ]
    for member in staff.values():
        if member.role == "COLLECTOR":
            goals.append((kpi.Goal("person", member.user_id, "promises_made", on), 6))
            goals.append((kpi.Goal("person", member.user_id, "attempts", on), 40))
    for goal, value in goals:
        kpi.set_target(actor=actor, goal=goal, value=value, clock=clock)


def _agree(organisation: Organisation, creditor_id: int, clock: Clock) -> None:
    """Nine in ten borrowers agreed to be written to when they took the loan; a few have asked for no calls."""
    actor = system(organisation.pk)
    dice = random.Random(f"{SEED}:{organisation.key}:consent")
    cursor = ""
    while True:
        page = cases.case_list(actor, cases.CaseQuery(clock.as_of, sort="name", cursor=cursor, limit=200))
        for row in page.rows:
            if dice.random() < AGREED:
                parties.record_consent(
                    actor=actor, party_id=row.party_id, creditor_id=creditor_id, channel="all", is_granted=True,
                    evidence="contract", now=clock.now,
                )  # fmt: skip
        cursor = page.next_cursor
        if not cursor:
            return


def _hire(house: House, organisation: Organisation, clock: Clock, today: date) -> dict[str, Membership]:
    actor = system(organisation.pk)
    for key, name in house.teams:
        access_services.add_team(actor=actor, key=key, name=name, now=clock.now)
    teams = {team.key: team.pk for team in access.teams(actor)}
    staff = {
        person.email: access_services.add_member(
            actor=actor, email=person.email, name=person.name, role=person.role, team_id=teams.get(person.team), now=clock.now
        )
        for person in house.staff
    }  # fmt: skip
    access_services.set_common_password(
        actor=actor, membership_ids=[member.pk for member in staff.values()], password=PASSWORD, now=clock.now
    )
    cover, away, *_others = staff.values()
    access_services.set_absence(
        actor=actor, membership_id=away.pk, from_on=today - timedelta(days=2), until_on=today + timedelta(days=5),
        stand_in_id=cover.pk, now=clock.now,
    )  # fmt: skip
    return staff


def _open_windows(
    house: House, actor: Actor, staff: dict[str, Membership], creditor_id: int, clock: Clock
) -> None:
    """An agency with somebody of its own, and somebody who follows the portfolios of the creditor."""
    if house.agency is None:
        return
    key, name, owner = house.agency
    agency = access_services.set_outside_team(
        actor=actor, key=key, name=name, now=clock.now,
        terms=access_services.OutsideTeam("agency", staff[owner].user_id, commission_hundredths=1_500),
    )  # fmt: skip
    members = [
        access_services.add_member(
            actor=actor, email=person.email, name=person.name, role=person.role, now=clock.now,
            team_id=agency.pk if person.role == "AGENCY" else None, creditor_id=creditor_id if person.role == "CREDITOR" else None,
        )
        for person in house.outside
    ]  # fmt: skip
    access_services.set_common_password(
        actor=actor, membership_ids=[row.pk for row in members], password=PASSWORD, now=clock.now
    )


def _place_outside(house: House, organisation: Organisation, now: datetime) -> None:
    """The oldest debts go to the agency on the last day."""
    actor, clock = system(organisation.pk), access.clock_of(organisation, now)
    agency = next(iter(access.outside_teams(actor)), None)
    if agency is not None:
        oldest = cases.CaseQuery(
            as_of=clock.as_of, filter=cases.CaseFilter(is_overdue=True), sort="age", limit=12
        )
        found = [row.case_id for row in cases.case_list(actor, oldest).rows]
        case_services.assign(
            actor=actor, case_ids=found, user_id=None, team_id=agency.pk, as_of=clock.as_of, now=clock.now
        )


def _exports(house: House, folder: Path, today: date) -> list[tuple[str, Path, Path]]:
    """Write the house's files; return (portfolio, documents, contacts) of each."""
    dice = random.Random(f"{SEED}{house.key}")
    if house is JACARANDA:
        borrowers = list(names.people(dice, BORROWERS))
        return [
            _written(
                folder, "Créditos personales", files.instalments(dice, borrowers, today=today), borrowers
            )
        ]
    assert house is ANDINA
    firms = list(names.firms(dice, CUSTOMERS + CHAINS))
    return [
        _written(folder, name, files.invoices(dice, some, today=today, first_number=number), some)
        for name, some, number in (
            ("Mayoristas", firms[:CUSTOMERS], 41_000),
            ("Cadenas y hoteles", firms[CUSTOMERS:], 58_000),
        )
    ]


def _written(
    folder: Path, name: str, documents: list[dict[str, Any]], contacts: list[dict[str, str]]
) -> tuple[str, Path, Path]:
    reach = [row for row in contacts if row["email"] or row["telefono"]]
    key = slugify(name)
    return (
        name,
        files.write(folder / f"{key}.csv", documents),
        files.write(folder / f"{key}_contactos.csv", reach),
    )


def _live(organisation: Organisation, first: date, today: date, *, now: datetime, tell: Tell) -> None:
    """Live every day for real, and let the people of the house work on each."""
    office = Office(organisation, random.Random(f"{SEED}:{organisation.key}:work"), today, now)
    for number in range((today - first).days + 1):
        on = first + timedelta(days=number)
        tell(f"  {organisation.name}: {on:%d/%m} …")
        if number == 1:
            papers.attach_examples(organisation, on, now=day.dawn_of(organisation, on))
        day.live_day(organisation=organisation, as_of=on, now=now)
        office.work(on)
        agreeing.agree(office, on, number)
