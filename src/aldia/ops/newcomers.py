"""The first minutes of an installation: an organisation for the first file, and what every new organisation needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel.core import get_global
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.formats import known_locale
from aldia.contact import services as contact
from aldia.outcomes import services as outcomes
from aldia.strategy import services as strategy

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.ops.console import AldiaCommand

FIRST_KEY = "principal"
HOMES = {
    "AR": ("es_AR", "America/Argentina/Buenos_Aires"), "BO": ("es_BO", "America/La_Paz"), "BR": ("pt_BR", "America/Sao_Paulo"),
    "CL": ("es_CL", "America/Santiago"), "CO": ("es_CO", "America/Bogota"), "CR": ("es_CR", "America/Costa_Rica"),
    "DO": ("es_DO", "America/Santo_Domingo"), "EC": ("es_EC", "America/Guayaquil"), "ES": ("es_ES", "Europe/Madrid"),
    "GT": ("es_GT", "America/Guatemala"), "MX": ("es_MX", "America/Mexico_City"), "PA": ("es_PA", "America/Panama"),
    "PE": ("es_PE", "America/Lima"), "PT": ("pt_PT", "Europe/Lisbon"), "PY": ("es_PY", "America/Asuncion"), "SV": ("es_SV", "America/El_Salvador"),
    "US": ("en_US", "America/New_York"), "UY": ("es_UY", "America/Montevideo"), "GB": ("en_GB", "Europe/London"),
}  # fmt: skip


def home_of(country: str) -> tuple[str, str] | None:
    """Return the regional formats and the time zone of a country: of those that are not named here, its most spoken official language
    and its first zone, which whoever administers may change. None for what is no country. Source: CLDR, as Babel ships it.
    """
    if country in HOMES:
        return HOMES[country]
    spoken = get_global("territory_languages").get(country, {})
    official = {
        code: told["population_percent"]
        for code, told in spoken.items()
        if told["official_status"] == "official"
    }
    zones = sorted(zone for zone, where in get_global("zone_territories").items() if where == country)
    if not official or not zones:
        return None
    return known_locale(f"{max(official, key=official.__getitem__)}_{country}"), zones[0]


def organisation_for(command: AldiaCommand, options: dict[str, Any]) -> Organisation:
    """Return the organisation that a load goes to; on an empty installation, a first one in sandbox made on the spot."""
    if options.get("organisation") or access.organisations().exists():
        return command.organisation(options)
    country = (options.get("country") or "AR").upper()
    if not options.get("dry_run"):
        command.tell(_("Primera carga: se crea una organización de prueba; nada sale de este equipo."))
    return found_organisation(
        key=FIRST_KEY,
        name=_("Mi organización"),
        country=country,
        currency=(options.get("currency") or "USD").upper(),
    )


def found_organisation(*, key: str, name: str, country: str, currency: str) -> Organisation:
    """Return a new organisation with its texts, outcomes and strategies, in sandbox."""
    now = timezone.now()
    locale, zone = home_of(country) or HOMES["AR"]
    language = {"pt": "pt-br", "es": "es"}.get(locale[:2], "en")
    organisation = access_services.create_organisation(
        key=key,
        name=name,
        country=country,
        currency=currency,
        now=now,
        locale=locale,
        timezone=zone,
        language=language,
    )
    contact.ensure_templates(organisation_id=organisation.pk, now=now)
    outcomes.ensure_outcome_tree(organisation_id=organisation.pk)
    strategy.ensure_catalogue(organisation_id=organisation.pk, now=now)
    return organisation
