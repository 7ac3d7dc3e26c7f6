"""Why this, why not that: every step of a case's strategy says what became of it, or the first test that keeps it away."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from aldia.engine.absence import why_not
from aldia.engine.decide import decide
from aldia.engine.frames import Frames
from aldia.engine.night import open_night
from aldia.strategy import selectors as strategy
from aldia.strategy.selectors.absences import fates
from tests.engine.portfolios import AS_OF, CALENDARS, MIXED, POLICIES, portfolios
from tests.rooms.strategy.conftest import BEGIN, World


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(portfolios())
def test_whatever_is_decided_today_has_no_reason_to_be_absent(frames: Frames) -> None:
    night = open_night(frames, MIXED, CALENDARS, POLICIES, as_of=AS_OF)
    cases = {row["case_id"]: row for row in night.cases.to_dicts()}
    documents = {row["document_id"]: row for row in frames.documents.to_dicts()}
    for row in decide(frames, MIXED, CALENDARS, POLICIES, as_of=AS_OF).to_dicts():
        if row["reason"] in ("stage_entry", "lapsed"):
            continue
        facts = cases[row["case_id"]] | documents.get(
            row["subject_id"] if row["subject_kind"] == "document" else 0, {}
        )
        assert why_not(facts, MIXED, MIXED.step(row["step"]), CALENDARS, as_of=AS_OF) is None


@pytest.mark.covers("S0-12")
def test_each_step_of_a_case_says_why_it_was_and_why_it_was_not(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=3))
    world.lives(BEGIN)
    found = fates(world.actor, world.clients["ana"], as_of=BEGIN, language="es")
    assert found is not None
    told = {row.key: (row.state, row.reason) for row in found.steps}
    assert (found.key, found.name, found.version) == ("b2b_invoices", "Facturas entre empresas", 1)
    assert told["soft"][0] == "taken"
    assert told["reminder"] == ("absent", "Le toca el 09/03/2026.")
    assert told["predue"][1].startswith("Su plazo terminó")


def test_the_version_of_a_past_day_is_that_of_what_it_decided(world: World) -> None:
    world.owes("ana", 10_000, due=BEGIN - timedelta(days=3))
    world.lives(BEGIN)
    case_id = world.clients["ana"]
    assert strategy.version_of_case(world.actor, case_id, BEGIN - timedelta(days=1)) is None
    assert strategy.version_of_case(world.actor, case_id, BEGIN) == ("b2b_invoices", 1)
