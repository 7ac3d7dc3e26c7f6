"""What every command shares: which organisation, dates, one JSON object on standard output, texts on standard error."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from aldia.access import actors
from aldia.access import selectors as access

if TYPE_CHECKING:
    from aldia.access.models import Organisation


def read_date(text: str) -> date:
    """Return an ISO date given on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(
            _("%(text)r no es una fecha; se espera AAAA-MM-DD.") % {"text": text}
        ) from error


class AldiaCommand(BaseCommand):
    """A command of the contract: `--json` prints one object on standard output; exit code 0 only when all went well."""

    requires_system_checks: list[str] = []  # the launcher has checked; a command starts at once
    needs_organisation = True
    is_answered = False
    _is_json_typed = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser of the options; what it refuses on the command line is answered too."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        refuse = parser.error

        def error(message: str) -> None:
            if self._is_json_typed:  # no options yet: they are what could not be read
                self._answer_failure(message, {"as_json": True})
            refuse(message)

        parser.error = error  # type: ignore[method-assign]  # Django makes the parser, of its own class
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        self._is_json_typed = "--json" in argv
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json",
            action="store_true",
            dest="as_json",
            help=_("un solo objeto JSON por la salida estándar"),
        )
        if self.needs_organisation:
            parser.add_argument(
                "--organisation", metavar="CLAVE", help=_("clave de la organización, si hay más de una")
            )

    def execute(self, *args: Any, **options: Any) -> Any:
        options["force_color"] = False
        try:
            return super().execute(*args, **options)
        except CommandError as refusal:
            self._answer_failure(str(refusal), options)
            raise
        except BrokenPipeError:  # nobody reads any more: the launcher ends as a signal would
            raise
        except (OSError, OperationalError) as failure:  # the disk, a permission, the database
            self._answer_failure(str(failure), options)
            raise CommandError(str(failure)) from failure

    def _answer_failure(self, reason: str, options: dict[str, Any]) -> None:
        """A script reads one object also when it went wrong, unless it was already given one."""
        if options.get("as_json") and not self.is_answered:
            self.answer({"error": reason}, options, [])

    def organisation(self, options: dict[str, Any]) -> Organisation:
        """Return the organisation named, or the only one. Raises CommandError listing the keys otherwise."""
        found = list(access.organisations())
        if not found:
            raise CommandError(
                _("Todavía no hay ninguna organización. `aldia load ARCHIVO` crea la primera.")
            )
        key = options.get("organisation")
        if key:
            named = [organisation for organisation in found if organisation.key == key]
            if named:
                return named[0]
        elif len(found) == 1:
            return found[0]
        keys = ", ".join(organisation.key for organisation in found)
        if key:
            raise CommandError(
                _("No hay una organización «%(key)s». Hay: %(keys)s.") % {"key": key, "keys": keys}
            )
        raise CommandError(
            _("Hay varias organizaciones; elige una con --organisation: %(keys)s.") % {"keys": keys}
        )

    def as_of(self, options: dict[str, Any], organisation: Organisation) -> date:
        """Return the date asked for, or the organisation's own today."""
        given: date | None = options.get("as_of")
        return given or access.clock_of(organisation, timezone.now()).as_of

    def actor(self, organisation: Organisation) -> actors.Actor:
        return actors.system(organisation.pk)

    def tell(self, text: str) -> None:
        """Print a line for people, on standard error."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - the one place where commands speak

    def answer(self, result: dict[str, Any], options: dict[str, Any], lines: list[str]) -> None:
        """Print the result: one JSON object with --json, readable lines without."""
        self.is_answered = True
        if options["as_json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
        else:
            for line in lines:
                self.stdout.write(line)
