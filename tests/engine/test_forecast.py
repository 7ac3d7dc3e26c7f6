"""The days ahead without answers: steps fall due one by one, documents fall overdue, nothing is asked twice."""

from datetime import timedelta

import polars as pl

from aldia.engine.forecast import forecast
from aldia.engine.frames import Frames
from aldia.engine.rolling import frozen_facts, next_morning
from tests.engine.portfolios import (
    AS_OF,
    CALENDARS,
    MIXED,
    POLICIES,
    default_case,
    default_document,
    default_person,
    frames_of,
)

DUE = AS_OF + timedelta(days=3)


def one_case() -> Frames:
    """A client with an e-mail whose only document falls due in three days."""
    return frames_of(
        [default_case(1, stage="early", next_due_on=DUE, total=100_00, not_due=100_00)],
        [default_document(101, 1, DUE, issued_on=AS_OF - timedelta(days=20))],
        [default_person(1)],
    )


def lived(frames: Frames, days: int) -> pl.DataFrame:
    return forecast(frames, MIXED, lambda on: (CALENDARS, POLICIES), as_of=AS_OF, days=days)


def test_each_step_comes_once_on_its_day() -> None:
    acts = lived(one_case(), 20).filter((pl.col("action") == "notice") & (pl.col("state") == "take"))
    told = dict(acts.select("step", "on").iter_rows())
    assert told["courtesy"] == AS_OF
    assert told["soft"] == DUE + timedelta(days=2)
    assert told["firm"] == DUE + timedelta(days=7)
    assert acts.select("step", "subject_id", "attempt").is_duplicated().sum() == 0


def test_a_document_that_falls_due_opens_a_cycle_with_its_arrears() -> None:
    frames = one_case()
    for ahead in range(1, 6):
        frames = next_morning(frames, as_of=AS_OF + timedelta(days=ahead))
    case = frames.cases.row(0, named=True)
    assert (case["dpd"], case["overdue"], case["not_due"], case["cycle"]) == (2, 100_00, 0, 2)
    assert case["arrears_since"] == DUE + timedelta(days=1)
    assert frames.documents["document_dpd"].to_list() == [2]


def test_the_stage_that_a_night_enters_is_where_the_next_day_begins() -> None:
    stages = lived(one_case(), 25).filter(pl.col("action") == "stage")
    assert stages.row(0, named=True)["target"] == "late"
    assert stages["on"].min() == DUE + timedelta(days=1)  # overdue > 60


def test_an_act_withheld_for_the_same_reason_is_told_when_it_begins() -> None:
    frames = one_case()
    held = pl.DataFrame(
        [{"case_id": 1, "document_id": None, "kind": "dispute", "until_on": None}],
        schema=frames.holds.schema,
        orient="row",
    )
    frames = Frames(frames.cases, frames.documents, frames.people, frames.contacts, frames.taken, held)
    withheld = lived(frames, 12).filter((pl.col("state") == "withheld") & (pl.col("step") == "soft"))
    assert withheld["on"].to_list() == [DUE + timedelta(days=2)]


def test_what_does_not_move_is_named() -> None:
    assert "is_disputed" in frozen_facts(MIXED)
    assert "dpd" not in frozen_facts(MIXED)
