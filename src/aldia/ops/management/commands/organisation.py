"""`aldia organisation`: which ones there are, or a new one with the link of its first person."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from aldia.access import entering
from aldia.access import selectors as access
from aldia.domain.money import UnknownCurrency, currency_code
from aldia.ops import newcomers
from aldia.ops.console import AldiaCommand


class Command(AldiaCommand):
    help = _(
        "Sin nombre, dice qué organizaciones hay; con nombre, crea una, en prueba, y da el enlace de su primera cuenta."
    )
    needs_organisation = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", nargs="?", metavar="NOMBRE", help=_("el nombre de la organización nueva"))
        parser.add_argument("--country", metavar="CC", help=_("su país, en dos letras"))
        parser.add_argument("--currency", metavar="C", help=_("su moneda, en tres letras"))
        parser.add_argument(
            "--key", metavar="CLAVE", help=_("su clave para --organisation; si falta, sale del nombre")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["name"]:
            self._found(options)
        else:
            self._list(options)

    def _list(self, options: dict[str, Any]) -> None:
        links = {row.pk: entering.first_link(row) for row in entering.waiting()}
        rows = [
            {"key": row.key, "name": row.name, "country": row.country, "currency": row.currency,
             "is_live": not row.is_sandbox, "first_link": links.get(row.pk)}
            for row in access.organisations()
        ]  # fmt: skip
        lines = [f"{row['key']:24} {row['name']} · {row['country']} · {row['currency']}" for row in rows]
        self.answer({"organisations": rows}, options, lines or [_("Todavía no hay ninguna organización.")])

    def _found(self, options: dict[str, Any]) -> None:
        name = " ".join(options["name"].split())
        country = (options["country"] or "").upper()
        if newcomers.home_of(country) is None:
            raise CommandError(_("Di en qué país está, con --country y sus dos letras, como AR, BR o ES."))
        try:
            currency = currency_code(options["currency"] or "")
        except UnknownCurrency as error:
            raise CommandError(
                _("Di en qué moneda lleva sus cuentas, con --currency, como ARS o USD.")
            ) from error
        key = options["key"] or slugify(name)[:40]
        if not key or access.organisations().filter(key=key).exists():
            raise CommandError(
                _("Ya hay una organización «%(key)s»: elige otra clave con --key.") % {"key": key}
            )
        made = newcomers.found_organisation(key=key, name=name, country=country, currency=currency)
        link = entering.first_link(made)
        lines = [
            _("«%(name)s» está creada, en prueba: nada sale de este equipo.") % {"name": name},
            _("Con ./aldia run abierto, la primera cuenta se crea en:"), f"  {link}",
            _("En los demás comandos se nombra con --organisation %(key)s.") % {"key": key},
        ]  # fmt: skip
        self.answer({"key": key, "name": name, "first_link": link}, options, lines)
