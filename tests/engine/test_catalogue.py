"""The ten strategies that ship, as worked examples: what each does, day after day, with one debt that nobody pays."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from aldia.domain.calendars import Calendar
from aldia.engine.contact_rules import DayPolicy
from aldia.engine.decide import decide
from aldia.engine.strategy import Notice
from aldia.engine.strategy_checks import warnings_of
from aldia.engine.strategy_reading import load_strategy
from aldia.strategy.shipped import KEYS, shipped_documents
from tests.engine.portfolios import default_case, default_document, default_person, frames_of

DUE = date(2026, 3, 2)


def lived(key: str, **facts: Any) -> dict[int, list[str]]:
    """The steps taken on each day from the due date, for a client who owes one document and never answers.

    Only the days on which some step may begin are lived: on the others nothing is due.
    """
    strategy = load_strategy(shipped_documents()[key])
    days = sorted(
        {1, *(step.offset for step in strategy.steps if step.anchor in ("due_on", "arrears_since"))}
    )
    taken: list[dict[str, Any]] = []
    found: dict[int, list[str]] = {}
    stage: str | None = "preventive"
    since = DUE - timedelta(days=30)
    for day in days:
        as_of = DUE + timedelta(days=day)
        late = max(day, 0)
        case = default_case(
            1, managed_since=DUE - timedelta(days=30), dpd=late, overdue=900_000 if day > 0 else 0, total=900_000,
            documents_overdue=int(day > 0), arrears_since=DUE if day > 0 else None, oldest_due_on=DUE, stage=stage,
            stage_since=since, days_since_contact=None, overdue_percent=100, days_since_right_party=None, **facts,
        )  # fmt: skip
        document = default_document(
            7, 1, DUE, managed_since=DUE - timedelta(days=30), document_dpd=day, document_open=900_000,
            document_kind="cheque" if facts.get("cheques_open") else "invoice",
        )  # fmt: skip
        person = default_person(1, can=("email", "whatsapp", "sms", "letter", "call"))
        frames = frames_of([case], [document], [person], taken=taken)
        rows = decide(frames, strategy, {"ar": Calendar()}, {"none": DayPolicy()}, as_of=as_of)
        for row in rows.filter(pl.col("state") == "take").iter_rows(named=True):
            taken.append({name: row.get(name) for name in frames.taken.columns})
            if row["step"].startswith("stage:"):
                stage, since = row["target"], as_of
            else:
                found.setdefault(day, []).append(row["step"])
    return found


_DEFAULT = (
    "-3 predue, 0 due, 3 soft, 5 call_large, 10 reminder, 15 no_contact, "
    "30 firm, 35 call_old, 60 final_offer+review, 90 old_debt"
)
EXAMPLES: dict[str, str] = {
    "b2b_invoices": _DEFAULT,
    "consumer_instalments": _DEFAULT,
    "small_companies": "-3 predue, 0 due, 2 soft, 8 reminder, 10 call, 20 firm+silent, 30 call_plan, 45 final_offer, 60 review",
    "key_accounts": "-7 predue, 2 call_first, 3 soft, 10 call_again, 25 visit, 40 firm, 45 review+silent",
    "small_balances": "-2 predue, 0 due, 4 soft, 15 reminder, 35 firm, 60 final_offer, 90 review",
    "microcredit_weekly": "-1 predue, 0 due, 1 soft, 2 call, 4 reminder, 7 visit, 12 firm, 15 silent, 30 final_offer, 45 review",
    "credit_cards": "-5 predue, 0 due, 3 soft, 5 call_risky, 10 reminder, 15 call, 25 firm, 35 call_plan+silent, 55 final_offer, 90 review",
    "telco_utility": "-3 predue, 0 due, 3 soft, 10 reminder, 15 call, 20 firm, 30 suspend, 50 final_offer, 60 review",
    "cheques_notes": "-5 predue, 0 due, 1 soft+call, 2 protest, 8 firm, 20 final_offer, 30 file",
    "agency_residual": "60 reminder, 65 call_first, 90 firm, 95 call_again, 120 final_offer, 125 offer, 180 review",
}
"""The day, counted from the due date, and the steps that begin on it."""
FACTS: dict[str, dict[str, Any]] = {"cheques_notes": {"cheques_open": 1}}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.covers("S4-13", "S4-1a", "S4-57", "S4-60", "S4-61")
def test_a_shipped_strategy_does_what_its_example_says(key: str) -> None:
    told = lived(key, **FACTS.get(key, {}))
    assert ", ".join(f"{day} {'+'.join(steps)}" for day, steps in told.items()) == EXAMPLES[key]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.covers("S3-63b")
def test_a_shipped_strategy_rises_and_leaves_nobody_alone(key: str) -> None:
    strategy = load_strategy(shipped_documents()[key])
    assert warnings_of(strategy) == []
    notices = [
        step for step in strategy.steps if isinstance(step.action, Notice) and step.grain == "document"
    ]
    assert [step.priority for step in notices] == sorted(step.priority for step in notices)
    assert strategy.steps[-1].action.kind in ("task", "alarm")
