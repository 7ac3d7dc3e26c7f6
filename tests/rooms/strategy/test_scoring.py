"""The score of an organisation learns from its own history, never from what came later, and says so while history is thin."""

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from aldia.access.models import Organisation
from aldia.cases import selectors as cases
from aldia.cases.facts import partitions
from aldia.cases.models import Case
from aldia.engine.score_fitting import TooThin
from aldia.outcomes import services as outcomes
from aldia.strategy.models import CaseChance
from aldia.strategy.scores import HORIZON, case_rows, learn, rule_of_thumb, with_outcomes
from aldia.strategy.selectors.next_best import next_best, score_in_use, worth_reasons
from aldia.strategy.services.scoring import keep_worth, learn_score
from tests.rooms.strategy.conftest import BEGIN, World

LATER = BEGIN + timedelta(days=40)


def test_what_is_known_of_a_day_does_not_know_what_came_later(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=5))
    world.owes("beto", 20_000, due=BEGIN - timedelta(days=50))
    world.pays("ana", 10_000, on=BEGIN + timedelta(days=10))
    rows = case_rows(world.organisation.pk, as_of=BEGIN).sort("dpd")
    assert rows.select("dpd", "overdue", "payments_12m").rows() == [(5, 10_000, 0), (50, 20_000, 0)]
    assert case_rows(world.organisation.pk, as_of=LATER)["overdue"].to_list() == [20_000]


def test_paying_half_in_time_counts_and_paying_late_does_not(world: World) -> None:
    for who, minor, day in (
        ("ana", 5_000, 1),
        ("beto", 4_999, 1),
        ("caro", 10_000, HORIZON),
        ("dani", 10_000, HORIZON + 1),
    ):
        world.owes(who, 10_000, due=BEGIN - timedelta(days=5))
        world.pays(who, minor, on=BEGIN + timedelta(days=day))
    rows = with_outcomes(world.organisation.pk, [BEGIN], BEGIN + timedelta(days=60)).sort("case_id")
    assert rows["paid"].to_list() == [True, False, True, False]


def test_with_little_history_the_rule_of_thumb_is_used_and_said(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=5))
    world.opens()
    with pytest.raises(TooThin):
        learn_score(actor=world.actor, clock=world.clock(BEGIN))
    assert not score_in_use(world.actor).is_learnt


def test_the_next_best_case_is_worth_most_per_minute_and_shows_its_parts(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=5))
    world.owes("beto", 30_000, due=BEGIN - timedelta(days=200))
    world.owes("caro", 9_000, due=BEGIN + timedelta(days=5))
    world.opens()
    first, second = next_best(world.actor, as_of=BEGIN, language="es")
    assert [first.debtor_name, second.debtor_name] == ["Ana", "Beto"]
    assert first.per_minute_minor == round(first.chance * first.overdue_minor / first.minutes)
    assert first.reasons == (("días de atraso: 5", True),)
    assert second.reasons == (("días de atraso: 200", False),)


def test_every_night_the_list_is_ordered_by_what_a_minute_brings_with_its_reasons(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=5))
    world.owes("beto", 30_000, due=BEGIN - timedelta(days=200))
    world.owes("caro", 9_000, due=BEGIN + timedelta(days=5))
    world.lives(BEGIN)
    ordered = cases.case_list(world.actor, cases.CaseQuery(as_of=BEGIN, sort="worth")).rows
    told = {one.debtor_name: one for one in next_best(world.actor, as_of=BEGIN, language="es")}
    assert [(row.name, row.worth_minor) for row in ordered] == [
        ("Ana", told["Ana"].per_minute_minor), ("Beto", told["Beto"].per_minute_minor), ("Caro", 0),
    ]  # fmt: skip
    why = worth_reasons(world.actor, [row.case_id for row in ordered], as_of=BEGIN, language="es")
    assert {case_id: reasons for case_id, (_chance, reasons) in why.items()} == {
        one.case_id: one.reasons for one in told.values()
    }
    assert keep_worth(actor=world.actor, as_of=BEGIN) == 0
    tomorrow = BEGIN + timedelta(days=1)
    later = worth_reasons(world.actor, [world.clients["ana"]], as_of=tomorrow, language="es")
    assert later[world.clients["ana"]][1] == (("días de atraso: 6", True),)
    world.pays("ana", 9_000, on=BEGIN)
    assert keep_worth(actor=world.actor, as_of=BEGIN) == 1
    first = cases.case_list(world.actor, cases.CaseQuery(as_of=BEGIN, sort="worth")).rows[0]
    assert first.name == "Beto"


@pytest.mark.covers("S4-51c")
def test_it_learns_from_enough_history_and_is_judged_on_the_newest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History is invented here row by row: who is less than a month late pays two times in three."""

    def rows(organisation_id: int, looks: list[date], as_of: date) -> pl.DataFrame:
        return pl.DataFrame(
            [
                {"dpd": (number * 7) % 120, "documents_overdue": 1, "overdue_times_usual": 1.0, "days_since_payment": None,
                 "payments_12m": number % 4, "promises_kept_12m": 0, "promises_broken_12m": 0, "contacts_30d": number % 3,
                 "kind": "person", "region": "AR-C", "language": "es", "paid": ((number * 7) % 120 < 30) == (number % 3 > 0)}
                for number in range(100 * len(looks))
            ]
        )  # fmt: skip

    monkeypatch.setattr("aldia.strategy.scores.with_outcomes", rows)
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=5))
    world.opens()
    learnt = learn(world.organisation.pk, as_of=BEGIN)
    assert learnt.told["learnt_from"] == 900
    assert learnt.told["quality"]["rows"] == 300
    assert learnt.told["quality"]["auc"] > 0.6
    learn_score(actor=world.actor, clock=world.clock(BEGIN))
    assert "recovery_score" in Organisation.objects.get(pk=world.organisation.pk).settings
    assert score_in_use(world.actor).is_learnt


def test_the_rule_of_thumb_says_less_the_older_the_debt() -> None:
    card = rule_of_thumb()
    rows = pl.DataFrame({"dpd": [1, 30, 31, 61, 91, 400], "promises_broken_12m": [0] * 6})
    chances = [round(chance, 2) for chance in rows.select(card.probability()).to_series()]
    assert chances == [0.6, 0.6, 0.35, 0.2, 0.1, 0.1]


def test_part_after_part_gives_what_everybody_at_once_gives(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who, minor, late in (
        ("ana", 10_000, 5),
        ("beto", 30_000, 200),
        ("caro", 9_000, -5),
        ("dani", 700, 40),
    ):
        world.owes(who, minor, due=BEGIN - timedelta(days=late))
    world.owes("ana", 4_000, due=BEGIN - timedelta(days=70))
    world.owes("beto", 8_000, due=BEGIN - timedelta(days=9), currency="EUR")
    world.pays("ana", 1_000, on=BEGIN - timedelta(days=20))
    world.opens()
    outcomes.make_promise(
        actor=world.actor, case_id=world.clients["dani"], amount_minor=700, currency="USD",
        due_on=BEGIN + timedelta(days=2), clock=world.clock(BEGIN),
    )  # fmt: skip
    on = BEGIN + timedelta(days=9)
    world.lives(on)  # the promise is broken, and a notice is on its way
    by_case = ["case_id", "currency"]
    everybody = case_rows(world.organisation.pk, as_of=on).sort(by_case)
    median = (pl.col("overdue") / pl.col("overdue").median().over("currency")).round(2)
    assert everybody["overdue_times_usual"].to_list() == everybody.select(median).to_series().to_list()
    somewhere = everybody.select((pl.col("contacts_30d", "payments_12m", "promises_broken_12m") > 0).any())
    assert somewhere.row(0) == (True, True, True)
    parts = partitions(world.organisation.pk, at_once=1)
    assert len(parts) > 3
    told = [case_rows(world.organisation.pk, as_of=on, partition=part) for part in parts]
    assert_frame_equal(pl.concat(told).sort(by_case), everybody)
    kept = _kept(world)
    CaseChance.objects.of(world.organisation).delete()
    Case.objects.of(world.organisation).update(worth_minor=0)
    monkeypatch.setattr("aldia.cases.facts.partitions", lambda _organisation_id: parts)
    assert keep_worth(actor=world.actor, as_of=on) == 4
    assert _kept(world) == kept
    assert keep_worth(actor=world.actor, as_of=on) == 0


def _kept(world: World) -> tuple[list[tuple[int, int]], list[tuple[int, int, dict[str, float]]]]:
    """What a minute on each case is worth, and what is known of it."""
    worth = Case.objects.of(world.organisation).order_by("pk").values_list("pk", "worth_minor")
    chances = CaseChance.objects.of(world.organisation).order_by("pk")
    return list(worth), list(chances.values_list("case_id", "chance_permille", "known"))
