"""What an organisation lacks before its messages may leave, one check a line, each with where it is repaired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access.actors import Actor
from aldia.contact import selectors as contact
from aldia.domain.calendars import UnknownCountry, country_calendar
from aldia.engine.strategy import Notice
from aldia.ledger import selectors as ledger
from aldia.strategy.night.in_use import NightPlan, night_plan
from aldia.strategy.plan_parts import PARTS
from aldia.strategy.reasons import channel_name
from aldia.strategy.selectors.consents import lacking_consent
from aldia.strategy.selectors.policies import policies

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio

_HERE: Final = ("//localhost", "//127.0.0.1", "//[::1]")


@dataclass(frozen=True)
class Check:
    """One line of the list. `missing` is empty when all is well; `place` says where it is repaired (`portfolio:12`)."""

    key: str
    title: str
    missing: tuple[str, ...]
    place: str
    is_needed: bool = True
    places: tuple[str, ...] = ()  # of each line of `missing`, where its rows are listed

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    @property
    def stops(self) -> bool:
        """Whether the organisation may not go live because of it."""
        return self.is_needed and not self.is_ready


def readiness(actor: Actor, *, as_of: date) -> list[Check]:
    """Return every check in the order in which a person would repair them; `as_of` is the first live day."""
    plan = night_plan(actor.organisation_id, as_of=as_of)
    portfolios = list(ledger.portfolios(actor))
    return [
        Check(
            "server",
            _("Servidor de correo y remitentes"),
            tuple(contact.missing_for_mail(actor)),
            "mail",
        ),
        Check("switch", _("Algún canal encendido"), _switched_off(actor), "channels"),
        Check("address", _("Dirección pública de los enlaces"), _address(), "guide", is_needed=False),
        *(_portfolio_facts(portfolio) for portfolio in portfolios),
        Check("strategies", _("Estrategia publicada"), _strategies(plan, portfolios), "strategies"),
        Check("plan", _("Plan de cobranza"), _plans(actor, portfolios, as_of), "strategies", is_needed=False),
        Check("templates", _("Textos en cada idioma"), _templates(actor, plan, portfolios), "templates"),
        _consent(actor, as_of),
        Check("holidays", _("Feriados"), _holidays(actor, portfolios, as_of), "holidays", is_needed=False),
    ]


def _switched_off(actor: Actor) -> tuple[str, ...]:
    if any(channel.is_live for channel in contact.channels(actor)):
        return ()
    return (_("ningún canal está encendido: no saldría nada"),)


def _address() -> tuple[str, ...]:
    if not any(here in settings.PUBLIC_URL for here in _HERE):
        return ()
    return (
        _("los enlaces llevan a %(address)s, que solo existe en este equipo: define ALDIA_PUBLIC_URL")
        % {"address": settings.PUBLIC_URL},
    )


def _portfolio_facts(portfolio: Portfolio) -> Check:
    facts = (
        (_("falta el país"), portfolio.country),
        (_("falta la clase de deuda"), portfolio.debt_kind),
        (_("falta quién debe"), portfolio.debtor_kind),
    )
    missing = tuple(text for text, value in facts if not value)
    title = _("Datos de la cartera %(name)s") % {"name": portfolio.name}
    return Check(f"portfolio-{portfolio.pk}", title, missing, f"portfolio:{portfolio.pk}")


def _strategies(plan: NightPlan, portfolios: Iterable[Portfolio]) -> tuple[str, ...]:
    worked = {portfolio_id for one in plan.strategies for portfolio_id in one.portfolio_ids}
    idle = [portfolio.name for portfolio in portfolios if portfolio.pk not in worked]
    if not worked:
        return (_("ninguna cartera tiene una estrategia publicada"), *plan.problems)
    return (
        *plan.problems,
        *(_("la cartera %(name)s no tiene estrategia") % {"name": name} for name in idle),
    )


def _plans(actor: Actor, portfolios: Iterable[Portfolio], as_of: date) -> tuple[str, ...]:
    """The portfolios that no plan covers, and the parts that a plan does not name."""
    plans = policies(actor, on=as_of, kind="plan")
    covered = {plan.portfolio_id for plan in plans}
    alone = [row.name for row in portfolios if None not in covered and row.pk not in covered]
    return (
        *(_("la cartera %(name)s no tiene plan de cobranza") % {"name": name} for name in alone),
        *(
            _("«%(plan)s» no nombra: %(part)s") % {"plan": plan.title, "part": title}
            for plan in plans
            for part, title in PARTS.items()
            if not plan.parts.get(part)
        ),
    )


def _templates(actor: Actor, plan: NightPlan, portfolios: Iterable[Portfolio]) -> tuple[str, ...]:
    """Each text that a strategy sends by a channel that is on, in the language of its portfolio."""
    house = access.organisation_of(actor)
    open_channels = {channel.channel for channel in contact.channels(actor) if channel.is_live} or {"email"}
    texts = list(contact.templates(actor, is_published=True))
    written, titles = (
        {(row.key, row.channel, row.language) for row in texts},
        {row.key: row.title for row in texts},
    )
    languages = {row.pk: (row.language or house.language).lower() for row in portfolios}
    lacking = {
        (step.action.template, channel, languages[portfolio_id])
        for one in plan.strategies
        for step in one.strategy.steps
        if isinstance(step.action, Notice)
        for channel in open_channels & set(step.action.channels)
        for portfolio_id in one.everywhere
        if (step.action.template, channel, languages[portfolio_id]) not in written
    }
    return tuple(
        _("falta «%(title)s» para %(channel)s en %(language)s")
        % {"title": titles.get(key, key), "channel": channel, "language": language}
        for key, channel, language in sorted(lacking)
    )


def _consent(actor: Actor, as_of: date) -> Check:
    """How many people lack it, by portfolio and channel, each with the place where they are listed."""
    lacking = lacking_consent(actor, as_of=as_of)
    told = tuple(
        ngettext(
            "%(name)s: a %(people)s de %(of)s personas le falta la autorización para %(channel)s",
            "%(name)s: a %(people)s de %(of)s personas les falta la autorización para %(channel)s",
            row.people,
        )
        % {
            "name": row.name, "people": row.people, "of": row.of,
            "channel": channel_name(row.channel, get_language() or "es").lower(),
        }
        for row in lacking
    )  # fmt: skip
    places = tuple(f"consent:{row.portfolio_id}:{row.channel}" for row in lacking)
    return Check("consent", _("Autorización donde la ley la pide"), told, "rules", False, places)


def _holidays(actor: Actor, portfolios: Iterable[Portfolio], as_of: date) -> tuple[str, ...]:
    found = []
    for country in sorted({portfolio.country for portfolio in portfolios if portfolio.country}):
        try:
            country_calendar(country, [as_of.year])
        except UnknownCountry:
            found.append(_("no conocemos los feriados de %(country)s: anótalos") % {"country": country})
    if not any(on >= as_of for on in access.holidays(actor.organisation_id)):
        found.append(_("no anotaste feriados propios de aquí en adelante"))
    return tuple(found)
