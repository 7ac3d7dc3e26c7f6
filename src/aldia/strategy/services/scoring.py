"""Learning the organisation's score again, and what a minute on each case is worth by it, kept every night."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.access.permissions import Permission
from aldia.cases import services as cases
from aldia.db.frames import read_queryset, slices, update_from_frame, write_frame
from aldia.ledger import facts as ledger
from aldia.strategy.lab.effort import effort_of
from aldia.strategy.models import CaseChance
from aldia.strategy.scores import FACTS, SETTING, case_rows, learn
from aldia.strategy.selectors.next_best import GROWING, score_in_use, with_worth


@transaction.atomic
def learn_score(*, actor: Actor, clock: Clock) -> dict[str, Any]:
    """Learn from the organisation's history and use it from now on; return how good it is. Raises TooThin, NotAllowed."""
    actor.check(Permission.EDIT_STRATEGIES)
    learnt = learn(actor.organisation_id, as_of=clock.as_of)
    kept = {SETTING: {"card": learnt.card.to_json(), "told": dict(learnt.told)}}
    access.change_settings(actor=system(actor.organisation_id), now=clock.now, settings=kept)
    told = {name: learnt.told.get(name) for name in ("learnt_from", "rate", "drift")}
    audit.record(
        actor=actor, verb="strategy.score.learn", object_type="organisation", object_id=actor.organisation_id, now=clock.now,
        data=told,
    )  # fmt: skip
    keep_worth(actor=system(actor.organisation_id), as_of=clock.as_of)
    return dict(learnt.told)


def keep_worth(*, actor: Actor, as_of: date) -> int:
    """Reckon what a minute of work on each case is worth by the end of a day; return how many changed. Again changes nothing.

    In the case's own currency. What is known of each case is kept beside it: the list shows it as the reasons.
    """
    house = actor.organisation_id
    own = ledger.portfolio_frame(house).select("portfolio_id", own="currency")
    rows = (
        case_rows(house, as_of=as_of).join(own, on="portfolio_id").filter(pl.col("currency") == pl.col("own"))
    )
    rows = with_worth(rows, score_in_use(actor).card, effort_of(actor).minutes_of("call"))
    changed = cases.keep_worth(actor=actor, worth=rows.select("case_id", worth_minor="worth"))
    _keep_chances(house, rows, as_of)
    return changed.height


def _keep_chances(organisation_id: int, rows: pl.DataFrame, as_of: date) -> None:
    """Days that only pass are kept as the day from which they count: what a case is known by changes when something happens."""
    told = rows.with_columns(-(pl.col(*GROWING) - as_of.toordinal())).select(
        "case_id", *(pl.col(name).cast(pl.Float64) for name in FACTS),
        chance_permille=(pl.col("chance") * 1000).round().cast(pl.Int64),
    )  # fmt: skip
    schema = {"case_id": pl.Int64, "chance_permille": pl.Int64, "known": pl.String}
    kept = read_queryset(CaseChance.objects.of(organisation_id), schema)
    facts = pl.Struct(dict.fromkeys(FACTS, pl.Float64))
    before = kept.with_columns(pl.col("known").str.json_decode(facts)).unnest("known").select(told.columns)
    news = told.join(before, on=told.columns, how="anti", nulls_equal=True)
    writing = news.select(
        "case_id", "chance_permille", organisation_id=pl.lit(organisation_id),
        known=pl.struct(FACTS).struct.json_encode(),
    )  # fmt: skip
    for part in slices(writing):
        with transaction.atomic():
            write_frame(CaseChance, part.join(before, on="case_id", how="anti"))
            again = part.join(before, on="case_id", how="semi")
            update_from_frame(CaseChance, again, key="case_id", columns=["chance_permille", "known"])
