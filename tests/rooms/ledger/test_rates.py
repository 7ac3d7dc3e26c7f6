"""Rates: dated, told once by each source, read both ways round, missing when old; what rules see of a debt in two currencies."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from aldia.access import selectors
from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.cases import facts as cases
from aldia.intake import services as intake
from aldia.intake.requests import LoadRequest
from aldia.intake.services import RatesRefused
from aldia.ledger import exchange, services
from aldia.ledger.indexed import unit_value
from aldia.ledger.services import BadRate
from aldia.ops.day import live_day
from aldia.outcomes.models import Alarm

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
CLOCK = Clock(TODAY, NOW)
DEBTS = (
    "cliente,nombre,factura,emision,vencimiento,moneda,importe\n"
    "C1,Árbol,F-1,2026-01-15,2026-02-14,ARS,1000.00\n"
    "C1,Árbol,F-2,2026-01-15,2026-02-14,USD,10.00\n"
    "C2,Óptica,F-3,2026-01-15,2026-02-14,ARS,50.00\n"
)


@pytest.fixture
def actor(db: None) -> Actor:
    return system(access.create_organisation(key="sur", name="Sur", country="AR", currency="ARS", now=NOW).pk)


def say(
    actor: Actor,
    rate: str,
    *,
    days_ago: int = 0,
    pair: tuple[str, str] = ("USD", "ARS"),
    source: str = "banco",
) -> int:
    rates = pl.DataFrame(
        {"currency": [pair[0]], "quote": [pair[1]], "on": [TODAY - timedelta(days_ago)], "rate": [rate]}
    )
    return services.record_rates(actor=actor, rates=rates, source=source, clock=CLOCK)


def in_force(actor: Actor) -> dict[tuple[str, str], float]:
    rows = exchange.rates_frame(actor.organisation_id, as_of=TODAY).rows()
    return {(currency, quote): round(rate, 6) for currency, quote, rate, _on in rows}


def owed(actor: Actor) -> dict[str, tuple[int | None, int | None]]:
    frame = cases.case_frame(actor.organisation_id, as_of=TODAY)
    names = dict(frame.select("case_id", "total").rows())
    overdue = dict(frame.select("case_id", "overdue").rows())
    return {str(number): (names[case], overdue[case]) for number, case in enumerate(sorted(names), 1)}


def load(actor: Actor, folder: Path) -> None:
    path = folder / "debts.csv"
    path.write_text(DEBTS, encoding="utf-8")
    request = LoadRequest(currency="ARS", country="AR", debt_kind="commercial", as_of=TODAY)
    intake.load(actor=actor, path=path, request=request, clock=CLOCK, is_dry_run=False)


def test_the_newest_rate_counts_and_is_read_both_ways_round(actor: Actor) -> None:
    assert (say(actor, "1400", days_ago=3), say(actor, "1450.5"), say(actor, "1500")) == (1, 1, 0)
    assert in_force(actor) == {("USD", "ARS"): 1450.5, ("ARS", "USD"): round(1 / 1450.5, 6)}


def test_an_old_rate_is_no_rate(actor: Actor) -> None:
    say(actor, "1400", days_ago=exchange.RATE_DAYS + 1)
    assert in_force(actor) == {}


@pytest.mark.parametrize(
    ("pair", "rate"), [(("USD", "USD"), "1"), (("XXQ", "ARS"), "1"), (("USD", "ARS"), "0")]
)
def test_a_rate_that_cannot_be_is_refused(actor: Actor, pair: tuple[str, str], rate: str) -> None:
    with pytest.raises(BadRate):
        say(actor, rate, pair=pair)
    assert in_force(actor) == {}


def test_a_debt_in_two_currencies_is_told_in_the_portfolio_s_at_the_day_s_rate(
    actor: Actor, tmp_path: Path
) -> None:
    load(actor, tmp_path)
    assert owed(actor) == {"1": (None, None), "2": (5_000, 5_000)}
    say(actor, "1450.5")
    assert owed(actor) == {"1": (1_550_500, 1_550_500), "2": (5_000, 5_000)}


def test_currencies_of_other_exponents_are_told_in_their_units(actor: Actor) -> None:
    say(actor, "0.125", pair=("PYG", "ARS"))
    rows = pl.DataFrame({"currency": ["PYG", "ARS"], "own": ["ARS", "ARS"], "amount_minor": [8_000, 7]})
    told = exchange.in_own_currency(actor.organisation_id, rows, as_of=TODAY, amounts=["amount_minor"])
    assert told["amount_minor"].to_list() == [100_000, 7]


def test_a_missing_rate_raises_one_alarm_a_month(actor: Actor, tmp_path: Path) -> None:
    load(actor, tmp_path)
    organisation = selectors.organisation_of(actor)
    for day in (TODAY, TODAY + timedelta(1)):
        live_day(organisation=organisation, as_of=day, now=NOW + timedelta(1))
        organisation.refresh_from_db()
    alarms = Alarm.objects.of(actor.organisation_id).filter(kind="rate_missing")
    assert [alarm.data["subject"] for alarm in alarms] == ["USD>ARS 2026-03"]


def test_a_file_of_rates_is_read_in_the_region_s_ways_and_its_bad_rows_told(
    actor: Actor, tmp_path: Path
) -> None:
    path = tmp_path / "tc.csv"
    path.write_text(
        "Fecha;Moneda;En;Tasa\n10/03/2026;usd;ars;1450,50\n2026-03-09;EUR;ARS;1600\nayer;USD;US;-3\n09/03/2026;uf;CLP;39000,55\n",
        encoding="utf-8",
    )
    told = intake.load_rates(actor=actor, path=path, source="banco", clock=CLOCK)
    assert (told.rows, told.new, told.rejected) == (4, 3, 1)
    assert {(problem["row"], problem["field"], problem["found"]) for problem in told.problems} == {
        (4, "on", "ayer"), (4, "quote", "US"), (4, "rate", "-3"),
    }  # fmt: skip
    assert intake.load_rates(actor=actor, path=path, source="banco", clock=CLOCK).same == 3
    assert unit_value(actor.organisation_id, "CLF", date(2026, 3, 9)).to_currency(10_000) == 39_001


def test_a_file_without_the_columns_of_a_rate_is_refused_naming_them(actor: Actor, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("fecha,importe\n2026-03-10,3\n", encoding="utf-8")
    with pytest.raises(RatesRefused) as caught:
        intake.load_rates(actor=actor, path=path, source="banco", clock=CLOCK)
    assert "moneda" in str(caught.value.hint)
