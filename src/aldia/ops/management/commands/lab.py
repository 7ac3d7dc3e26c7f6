"""`aldia lab`: a strategy tried before it is launched."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from aldia.ops.console import AldiaCommand, read_date
from aldia.strategy import selectors as strategy
from aldia.strategy import services

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Kinds = _SubParsersAction[ArgumentParser]


class Command(AldiaCommand):
    help = _(
        "Prueba una estrategia antes de lanzarla: dry-run, sobre la cartera de hoy; simulate, hacia adelante."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(
            dest="kind", required=True, metavar="QUÉ", help="dry-run, simulate, backtest, experiment"
        )
        for kind in (_dry_run_of(kinds), _simulate_of(kinds), _backtest_of(kinds)):
            super().add_arguments(kind)
            kind.add_argument("--strategy", required=True, metavar="CLAVE", help=_("clave de la estrategia"))
            kind.add_argument(
                "--version", type=int, dest="number", metavar="N", help=_("la última, si falta")
            )
            kind.add_argument("--draft", action="store_true", help=_("el borrador"))
            _take_day(kind)
        watch = kinds.add_parser("experiment", help=_("cómo va el experimento, y qué se puede decir hoy"))
        super().add_arguments(watch)
        _take_day(watch)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['kind'].replace('-', '_')}")(options)
        except (strategy.NotInLab, strategy.TooThin, services.StrategyInvalid) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _dry_run(self, options: dict[str, Any]) -> None:
        organisation = self.organisation(options)
        told = strategy.dry_run(
            self.actor(organisation), options["strategy"], as_of=self.as_of(options, organisation),
            language=organisation.language, version=strategy.DRAFT if options["draft"] else options["number"], days=options["days"],
        )  # fmt: skip
        counts = ", ".join(f"{total} {channel}" for channel, total in told.notices.most_common()) or "0"
        tasks = sum(sum(day.tasks.values()) for day in told.days)
        lines = [
            _("«%(key)s» v%(version)s sobre %(cases)s casos, %(days)s días desde el %(as_of)s, sin respuestas:")
            % {"key": told.strategy, "version": told.version, "cases": told.cases, "days": len(told.days), "as_of": told.as_of},
            _("  Avisos: %(notices)s · tareas: %(tasks)s · horas: %(hours)s")
            % {"notices": counts, "tasks": tasks, "hours": round(sum(day.minutes for day in told.days) / 60)},
        ]  # fmt: skip
        lines += [f"    {rule}: {count}" for rule, count in told.withheld_by.items()]
        self.answer(told.to_json(), options, lines)

    def _simulate(self, options: dict[str, Any]) -> None:
        organisation = self.organisation(options)
        version = strategy.DRAFT if options["draft"] else options["number"]
        tried = [
            (options["strategy"], version),
            *([(options["against"], None)] if options["against"] else []),
        ]
        told = strategy.simulation(
            self.actor(organisation), tried, as_of=self.as_of(options, organisation), days=options["days"], seed=options["seed"]
        )  # fmt: skip
        lines = [_("%(days)s días sobre %(cases)s casos, en %(currency)s, de ocho en diez futuros:")
                 % {"days": told.days, "cases": told.cases, "currency": told.currency}]  # fmt: skip
        lines += [
            f"  {side.strategy} v{side.version}: {side.total.low} – {side.total.middle} – {side.total.high}" for side in told.sides
        ]  # fmt: skip
        self.answer(told.to_json(), options, [*lines, *(f"  {doubt}" for doubt in told.doubts)])

    def _backtest(self, options: dict[str, Any]) -> None:
        organisation = self.organisation(options)
        version = strategy.DRAFT if options["draft"] else options["number"]
        told = strategy.back_test(
            self.actor(organisation), options["strategy"], from_on=options["from_on"], to_on=options["to_on"], version=version
        )  # fmt: skip
        lines = [
            _("%(nights)s noches repetidas, %(differences)s diferencias.")
            % {"nights": len(told.days), "differences": told.differences}
        ]
        lines += [
            f"  {one.on} {one.case_id} {one.step}: {one.kind} ({one.logged or '–'} / {one.replayed or '–'})"
            for one in told.listed
        ]
        self.answer(told.to_json(), options, lines)

    def _experiment(self, options: dict[str, Any]) -> None:
        organisation = self.organisation(options)
        actor, as_of = self.actor(organisation), self.as_of(options, organisation)
        known = strategy.experiments(actor)
        if not known:
            raise CommandError(_("Todavía no hubo ningún experimento."))
        told = strategy.experiment(actor, known[0][0], as_of=as_of, language=organisation.language)
        lines = [f"{told.name}: {told.said}"]
        if told.weeks:
            last = told.weeks[-1]
            lines.append(
                f"  {last.champion.hits}/{last.champion.people} – {last.challenger.hits}/{last.challenger.people}"
            )
        if told.amounts:
            lines.append(f"  {told.amounts.said}")
        self.answer(told.to_json(), options, lines)


def _dry_run_of(kinds: Kinds) -> ArgumentParser:
    parser = kinds.add_parser("dry-run", help=_("qué haría hoy y en los próximos días si nadie respondiera"))
    parser.add_argument("--days", type=int, default=30, metavar="N", help=_("cuántos días"))
    return parser


def _simulate_of(kinds: Kinds) -> ArgumentParser:
    parser = kinds.add_parser("simulate", help=_("qué traería si los clientes responden como respondieron"))
    parser.add_argument("--against", metavar="CLAVE", default="", help=_("otra estrategia, lado a lado"))
    parser.add_argument("--days", type=int, default=90, metavar="N", help=_("cuántos días"))
    parser.add_argument(
        "--seed", type=int, default=7, metavar="N", help=_("la misma semilla da las mismas vidas")
    )
    return parser


def _backtest_of(kinds: Kinds) -> ArgumentParser:
    parser = kinds.add_parser(
        "backtest", help=_("las noches de un período, decididas otra vez con lo que se sabía entonces")
    )
    parser.add_argument(
        "--from", type=read_date, required=True, dest="from_on", metavar="FECHA", help=_("desde, incluida")
    )
    parser.add_argument(
        "--to", type=read_date, required=True, dest="to_on", metavar="FECHA", help=_("hasta, sin incluirla")
    )
    return parser


def _take_day(parser: ArgumentParser) -> None:
    parser.add_argument("--as-of", type=read_date, metavar="FECHA", help=_("AAAA-MM-DD; si falta, hoy"))
